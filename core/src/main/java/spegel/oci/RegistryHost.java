package spegel.oci;

import java.util.Locale;

/**
 * The grammar of a registry's host as references write it: {@code docker.io}, {@code
 * localhost:5000}, {@code [::1]:5000} (the rule "domain" of Docker's reference grammar).
 */
final class RegistryHost {
  static final int MAX_CHARS = 255;
  static final String DOCKER_HUB = "docker.io";

  private static final String DOCKER_HUB_INDEX = "index.docker.io";
  private static final int MAX_PORT = 65535;
  private static final int MAX_IPV6_CHARS = 45;

  private RegistryHost() {}

  /**
   * The host in the one form that we compare: lower case, and Docker Hub under one name.
   *
   * @throws OciFormatException when the text is not {@code host} or {@code host:port}
   */
  static String normalize(String text) {
    if (text.isEmpty() || text.length() > MAX_CHARS) {
      throw new OciFormatException(
          "registry: needs 1 to %d characters, got %d".formatted(MAX_CHARS, text.length()));
    }
    int hostEnd = text.charAt(0) == '[' ? ipv6End(text) : domainEnd(text);
    if (hostEnd < 0 || !isPortOrNothing(text, hostEnd)) {
      throw new OciFormatException("registry: not host[:port]: " + OciFormatException.quote(text));
    }
    String host = text.toLowerCase(Locale.ROOT);
    return host.equals(DOCKER_HUB_INDEX) ? DOCKER_HUB : host;
  }

  /** Where the domain name at the start ends, or -1 when there is none. */
  private static int domainEnd(String text) {
    int i = 0;
    char before = '.';
    for (; i < text.length() && text.charAt(i) != ':'; i++) {
      char c = text.charAt(i);
      boolean separator = c == '.' || c == '-';
      if (!separator && !Ascii.isAlphanumeric(c)) {
        return -1;
      }
      // A label neither begins nor ends with a hyphen, and is not empty.
      if ((c == '.' && (before == '.' || before == '-')) || (c == '-' && before == '.')) {
        return -1;
      }
      before = c;
    }
    return before == '.' || before == '-' ? -1 : i;
  }

  /** Where the bracketed IPv6 address at the start ends, or -1 when there is none. */
  private static int ipv6End(String text) {
    int close = text.indexOf(']');
    if (close < 0 || close > MAX_IPV6_CHARS) {
      return -1;
    }
    return Ipv6.isAddress(text, 1, close) ? close + 1 : -1;
  }

  private static boolean isPortOrNothing(String text, int from) {
    if (from == text.length()) {
      return true;
    }
    if (text.charAt(from) != ':' || from + 1 == text.length() || text.length() - from > 6) {
      return false;
    }
    int port = 0;
    for (int i = from + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Ascii.isDigit(c)) {
        return false;
      }
      port = port * 10 + (c - '0');
    }
    return port > 0 && port <= MAX_PORT;
  }
}
