package spegel.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where a server listens, {@code host:port}; without a host ({@code :5000}) on all addresses of
 * both families. An IPv6 address is bracketed.
 *
 * @param host a name or an address without brackets; empty for all addresses
 * @param port 0 to 65535; 0 lets the system choose
 */
public record ListenAddress(String host, int port) {
  private static final int MAX_HOST_CHARS = 255;

  public ListenAddress {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("listen address: port " + port + " is out of range");
    }
    if (host.length() > MAX_HOST_CHARS) {
      throw new IllegalArgumentException("listen address: the host is too long");
    }
  }

  /**
   * Reads {@code host:port}, {@code [::1]:port} or {@code :port}.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("listen address: no port in \"" + text + "\"");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "listen address: an IPv6 address needs brackets: \"" + text + "\"");
    }
    String port = text.substring(colon + 1);
    if (port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException("listen address: no port in \"" + text + "\"");
    }
    return new ListenAddress(host, Integer.parseInt(port));
  }

  /** Whether it is every address of the machine, of both families. */
  boolean isAllAddresses() {
    return host.isEmpty() || host.equals("::");
  }

  /** The address to bind, the wildcard for all addresses; names are resolved now. */
  public InetSocketAddress resolve() throws UnknownHostException {
    return isAllAddresses()
        ? new InetSocketAddress(port)
        : new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
