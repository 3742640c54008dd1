package spegel.containerd.hosts;

/**
 * A mirror configuration that cannot be read, written or restored; the message names the file and
 * the cause.
 */
public final class MirrorConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MirrorConfigurationException(String message) {
    super(message);
  }

  MirrorConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
