package spegel.oci;

/**
 * Input that is not what its specification asks for; the message names the input (shortened) and
 * what is wrong.
 */
public final class OciFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int QUOTED_CHARS = 120;

  public OciFormatException(String message) {
    super(message);
  }

  /**
   * A piece of untrusted input made fit for a message or a log line: bounded, and without control
   * characters.
   */
  static String quote(String input) {
    StringBuilder quoted =
        new StringBuilder(Math.min(input.length(), QUOTED_CHARS) + 4).append('"');
    for (int i = 0; i < input.length() && i < QUOTED_CHARS; i++) {
      char c = input.charAt(i);
      quoted.append(c < 0x20 || c > 0x7e ? '?' : c);
    }
    return quoted.append(input.length() > QUOTED_CHARS ? "…\"" : "\"").toString();
  }
}
