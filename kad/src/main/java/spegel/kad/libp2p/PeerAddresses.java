package spegel.kad.libp2p;

import java.util.ArrayList;
import java.util.List;
import spegel.kad.KadMessage;
import spegel.kad.KadPeer;
import spegel.libp2p.host.Host;
import spegel.multiformats.Multiaddr;

/** Sifts the addresses of peers in messages: only those that this host may dial are kept. */
final class PeerAddresses {
  private final Host host;

  PeerAddresses(Host host) {
    this.host = host;
  }

  /** The message with none but dialable addresses; peers that cannot be reached are left out. */
  KadMessage sifted(KadMessage message) {
    if (message.closerPeers().isEmpty() && message.providers().isEmpty()) {
      return message;
    }
    return new KadMessage(
        message.type(), message.key(), sifted(message.closerPeers()), sifted(message.providers()));
  }

  private List<KadPeer> sifted(List<KadPeer> peers) {
    List<KadPeer> kept = new ArrayList<>(peers.size());
    for (KadPeer peer : peers) {
      List<Multiaddr> dialable = host.dialable(peer.addresses());
      if (!dialable.isEmpty()) {
        kept.add(new KadPeer(peer.id(), dialable));
      }
    }
    return kept;
  }
}
