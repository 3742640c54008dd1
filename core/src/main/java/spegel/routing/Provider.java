package spegel.routing;

import java.net.InetAddress;
import java.util.List;

/**
 * A node that has announced that it has something.
 *
 * @param peerId the node's identity, as text
 * @param addresses where its registry may be reached, best first; at least one
 */
public record Provider(String peerId, List<InetAddress> addresses) {
  public Provider {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("provider " + peerId + " has no address");
    }
  }
}
