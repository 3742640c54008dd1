package spegel.app.command;

/**
 * A flag's value that cannot be used. The message says what is wrong with the value; where the
 * value came from is added by the parser.
 */
final class InvalidValueException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  InvalidValueException(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** The message, which there always is. */
  String reason() {
    return reason;
  }
}
