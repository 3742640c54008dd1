package spegel.oci;

/** The text form of an IPv6 address (RFC 4291, section 2.2), without a zone. */
final class Ipv6 {
  private static final int GROUPS = 8;

  private Ipv6() {}

  /** Whether the characters from {@code start} to before {@code end} are one address. */
  static boolean isAddress(String text, int start, int end) {
    int groups = 0;
    boolean elided = false;
    int i = start;
    if (end - start >= 2 && text.startsWith("::", start)) {
      elided = true;
      i += 2;
    }
    while (i < end) {
      int groupStart = i;
      while (i < end && isHexadecimal(text.charAt(i))) {
        i++;
      }
      if (i == groupStart || i - groupStart > 4) {
        return false;
      }
      groups++;
      if (i == end) {
        break;
      }
      if (text.charAt(i) == '.') {
        return hasRoom(groups + 1, elided) && isIpv4(text, groupStart, end);
      }
      if (text.charAt(i) != ':' || i + 1 == end) {
        return false;
      }
      i++;
      if (text.charAt(i) == ':') {
        if (elided) {
          return false;
        }
        elided = true;
        i++;
      }
    }
    return hasRoom(groups, elided);
  }

  private static boolean hasRoom(int groups, boolean elided) {
    return elided ? groups < GROUPS : groups == GROUPS;
  }

  private static boolean isIpv4(String text, int start, int end) {
    int octets = 0;
    int i = start;
    while (i < end) {
      int octetStart = i;
      int value = 0;
      while (i < end && Ascii.isDigit(text.charAt(i)) && i - octetStart < 3) {
        value = value * 10 + (text.charAt(i) - '0');
        i++;
      }
      if (i == octetStart || value > 255) {
        return false;
      }
      octets++;
      if (i == end) {
        return octets == 4;
      }
      if (text.charAt(i) != '.') {
        return false;
      }
      i++;
    }
    return false;
  }

  private static boolean isHexadecimal(char c) {
    return Ascii.isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
