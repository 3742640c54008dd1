package spegel.containerd.hosts;

/** The address of a registry or mirror that is not of the form asked for; the message names it. */
public final class RegistryFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RegistryFormatException(String message) {
    super(message);
  }
}
