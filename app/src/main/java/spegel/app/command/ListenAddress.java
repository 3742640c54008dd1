package spegel.app.command;

import java.net.InetSocketAddress;

/**
 * A host and port as Go writes them, {@code :5000}, {@code 10.0.0.1:5000} or {@code [::1]:5000}.
 *
 * @param host a name or address without brackets; empty for all of this node's addresses
 * @param port 0 to 65535; 0 lets the system choose when listening
 */
public record ListenAddress(String host, int port) {
  private static final int MAX_HOST_CHARS = 253;
  private static final int MAX_PORT = 65_535;

  public ListenAddress {
    if (port < 0 || port > MAX_PORT) {
      throw new InvalidValueException("port " + port + " is not within 0 to " + MAX_PORT);
    }
    if (host.length() > MAX_HOST_CHARS || !host.chars().allMatch(ListenAddress::isHostChar)) {
      throw new InvalidValueException("not a host name or address: \"" + host + "\"");
    }
  }

  /**
   * Reads host:port; an IPv6 address needs its brackets.
   *
   * @throws InvalidValueException when the text is anything else
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new InvalidValueException("no port in \"" + text + "\", expected host:port or :port");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]") && host.length() > 2) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new InvalidValueException(
          "too many colons in \"" + text + "\", an IPv6 address needs brackets: [::1]:5000");
    }
    return new ListenAddress(host, port(text.substring(colon + 1), text));
  }

  private static int port(String digits, String text) {
    if (digits.isEmpty()
        || digits.length() > 5
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new InvalidValueException("no port number at the end of \"" + text + "\"");
    }
    return Integer.parseInt(digits);
  }

  private static boolean isHostChar(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || ".-_:%".indexOf(c) >= 0;
  }

  /** The address to listen on, the host resolved now. */
  public InetSocketAddress toSocketAddress() {
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
