package spegel.oci;

/** The classes of characters that the grammars of this package are made of. */
final class Ascii {
  private Ascii() {}

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  static boolean isLowerCase(char c) {
    return c >= 'a' && c <= 'z';
  }

  static boolean isUpperCase(char c) {
    return c >= 'A' && c <= 'Z';
  }

  static boolean isAlphanumeric(char c) {
    return isDigit(c) || isLowerCase(c) || isUpperCase(c);
  }

  static boolean isLowerCaseHexadecimal(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f');
  }
}
