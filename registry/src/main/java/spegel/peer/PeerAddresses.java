package spegel.peer;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;

/** Addresses as text. */
final class PeerAddresses {
  private PeerAddresses() {}

  /** Address and port, as in a Host field or a log. */
  static String text(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip == null ? address.getHostString() : ip.getHostAddress();
    if (ip instanceof Inet6Address) {
      int scope = host.indexOf('%');
      host = "[" + (scope < 0 ? host : host.substring(0, scope)) + "]";
    }
    return host + ":" + address.getPort();
  }

  static String text(List<InetSocketAddress> addresses) {
    return addresses.stream().map(PeerAddresses::text).collect(Collectors.joining(", "));
  }
}
