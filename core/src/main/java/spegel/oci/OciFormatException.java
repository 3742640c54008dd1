package spegel.oci;

/**
 * Input that is not what its specification asks for; the message names the input (shortened) and
 * what is wrong. It carries no stack trace: it tells of the input, not of the program, and has to
 * be cheap on a path that strangers can reach.
 */
public final class OciFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int QUOTED_CHARS = 120;

  private final String message;

  public OciFormatException(String message) {
    super(message, null, false, false);
    this.message = message;
  }

  @Override
  public String getMessage() {
    return message;
  }

  /**
   * A piece of untrusted input made fit for a message or a log line: bounded, printable ASCII, in
   * quotation marks.
   */
  public static String quote(String input) {
    int quotedChars = Math.min(input.length(), QUOTED_CHARS);
    StringBuilder quoted = new StringBuilder(quotedChars + 3).append('"');
    for (int i = 0; i < quotedChars; i++) {
      char c = input.charAt(i);
      quoted.append(c < 0x20 || c > 0x7e ? '?' : c);
    }
    return quoted.append(input.length() > QUOTED_CHARS ? "…\"" : "\"").toString();
  }
}
