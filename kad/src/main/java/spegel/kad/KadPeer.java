package spegel.kad;

import java.util.List;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;

/**
 * A peer and where it may be reached.
 *
 * @param id who
 * @param addresses where, best first; may be empty
 */
public record KadPeer(PeerId id, List<Multiaddr> addresses) {
  public KadPeer {
    addresses = List.copyOf(addresses);
  }
}
