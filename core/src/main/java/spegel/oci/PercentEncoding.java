package spegel.oci;

/** The percent-encoding of a request target (RFC 3986, section 2.1), as far as names need it. */
final class PercentEncoding {
  private PercentEncoding() {}

  /**
   * Decodes once. What no name can contain is refused here, so that no later reader takes it for
   * something else: an encoded slash, which would make a segment of its own, control characters,
   * and all that is not ASCII.
   *
   * @throws OciFormatException when an escape is malformed or stands for such a character
   */
  static String decode(String text) {
    int percent = text.indexOf('%');
    if (percent < 0) {
      return text;
    }
    StringBuilder decoded = new StringBuilder(text.length()).append(text, 0, percent);
    int i = percent;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c != '%') {
        decoded.append(c);
        i++;
        continue;
      }
      int octet = i + 2 < text.length() ? octet(text.charAt(i + 1), text.charAt(i + 2)) : -1;
      if (octet <= ' ' || octet > '~' || octet == '/') {
        throw new OciFormatException(
            "percent-encoding: malformed or not allowed: " + OciFormatException.quote(text));
      }
      decoded.append((char) octet);
      i += 3;
    }
    return decoded.toString();
  }

  private static int octet(char high, char low) {
    int highValue = hexadecimal(high);
    int lowValue = hexadecimal(low);
    return highValue < 0 || lowValue < 0 ? -1 : highValue * 16 + lowValue;
  }

  /** The digit's value, or -1; other than Character.digit it knows no digits but ASCII's. */
  private static int hexadecimal(char c) {
    if (Ascii.isDigit(c)) {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }
}
