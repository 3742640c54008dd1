package spegel.e2e.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
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

    void bootstrap(Node from);

    List<PeerId> table();

    /** Announces the keys; what is not done when this returns goes on in the background. */
    void provide(List<String> keys);

    /** The id and the addresses of a provider of the key, if a search finds one. */
    Optional<KadPeer> find(String key);
  }

  static Node of(ForeignHost host) {
    return new Node() {
      @Override
      public PeerId id() {
        return host.id();
      }

      @Override
      public List<Multiaddr> addresses() {
        return host.addresses();
      }

      @Override
      public void bootstrap(Node from) {
        host.bootstrap(from.id(), from.addresses());
      }

      @Override
      public List<PeerId> table() {
        return host.table();
      }

      @Override
      public void provide(List<String> keys) {
        host.provide(keys);
      }

      @Override
      public Optional<KadPeer> find(String key) {
        return host.find(key, 1).stream()
            .findFirst()
            .map(found -> new KadPeer(found.peer(), found.addresses()));
      }

      @Override
      public String toString() {
        return "go " + host.id();
      }
    };
  }

  static Node of(OurNode node) {
    return new Node() {
      @Override
      public PeerId id() {
        return node.id();
      }

      @Override
      public List<Multiaddr> addresses() {
        return node.addresses();
      }

      @Override
      public void bootstrap(Node from) {
        node.bootstrap(from.id(), from.addresses());
      }

      @Override
      public List<PeerId> table() {
        return node.table();
      }

      @Override
      public void provide(List<String> keys) {
        node.provide(keys);
      }

      @Override
      public Optional<KadPeer> find(String key) {
        return node.find(key);
      }

      @Override
      public String toString() {
        return "java " + node.id();
      }
    };
  }

  /** All nodes in turn: theirs, ours, theirs, … */
  static List<Node> interleaved(List<ForeignHost> theirs, List<OurNode> ours) {
    List<Node> all = new ArrayList<>();
    for (int i = 0; i < Math.max(theirs.size(), ours.size()); i++) {
      Stream.concat(
              theirs.stream().skip(i).limit(1).map(MixedNetwork::of),
              ours.stream().skip(i).limit(1).map(MixedNetwork::of))
          .forEach(all::add);
    }
    return all;
  }

  static Map<String, Object> kad() {
    return Map.of("kad", true);
  }
}
