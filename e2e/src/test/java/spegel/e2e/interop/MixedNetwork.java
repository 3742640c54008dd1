package spegel.e2e.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import spegel.kad.KadPeer;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;

/** Nodes of go-libp2p and of ours in one DHT, seen alike. */
final class MixedNetwork {
  private MixedNetwork() {}

  /** One node, whoever made it. */
  interface Node {
    PeerId id();

    List<Multiaddr> addresses();

    /** Connects to a node there, and waits until it is in the routing table. */
    void bootstrap(PeerId peer, List<Multiaddr> to);

    default void bootstrap(Node from) {
      bootstrap(from.id(), from.addresses());
    }

    List<PeerId> table();

    /** Announces the keys; what is not done when this returns goes on in the background. */
    void provide(List<String> keys);

    /** The id and the addresses of a provider of the key, if a search finds one. */
    Optional<KadPeer> find(String key);
  }

  /** All nodes in turn: theirs, ours, theirs, … */
  static List<Node> interleaved(List<ForeignHost> theirs, List<OurNode> ours) {
    List<Node> all = new ArrayList<>();
    for (int i = 0; i < Math.max(theirs.size(), ours.size()); i++) {
      theirs.stream().skip(i).limit(1).forEach(all::add);
      ours.stream().skip(i).limit(1).forEach(all::add);
    }
    return all;
  }

  static Map<String, Object> kad() {
    return Map.of("kad", true);
  }
}
