package spegel.app.command;

/** A command line that cannot be run; the message names the flag and says why. */
final class InvalidArgumentsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  InvalidArgumentsException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** The message, which there always is. */
  String reason() {
    return reason;
  }
}
