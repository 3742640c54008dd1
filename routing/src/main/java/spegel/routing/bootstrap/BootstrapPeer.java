package spegel.routing.bootstrap;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import spegel.libp2p.PeerId;

/**
 * A peer to begin with.
 *
 * @param id who it must prove to be; empty when anybody will do
 * @param addresses where it may listen, best first; at least one
 */
public record BootstrapPeer(Optional<PeerId> id, List<InetSocketAddress> addresses) {
  public BootstrapPeer {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("bootstrap peer: no address");
    }
  }
}
