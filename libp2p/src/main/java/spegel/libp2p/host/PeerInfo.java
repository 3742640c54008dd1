package spegel.libp2p.host;

import java.util.List;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;

/**
 * What a peer says of itself by identify.
 *
 * @param peer who, as proved by the connection on which it was said
 * @param addresses where it listens, as far as it may be dialled
 * @param protocols what it speaks
 * @param agentVersion its software, shortened
 */
public record PeerInfo(
    PeerId peer, List<Multiaddr> addresses, List<String> protocols, String agentVersion) {
  public PeerInfo {
    addresses = List.copyOf(addresses);
    protocols = List.copyOf(protocols);
  }
}
