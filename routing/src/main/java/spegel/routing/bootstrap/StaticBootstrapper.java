package spegel.routing.bootstrap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;

/** Names the peers of a fixed list. */
public final class StaticBootstrapper implements Bootstrapper {
  private final List<Named> peers;
  private final Addresses addresses;

  private record Named(Optional<PeerId> id, Multiaddr address) {}

  /**
   * @param peers multiaddresses, with or without {@code /p2p/ID}; those without a port have {@code
   *     port}
   * @throws spegel.multiformats.MultiformatException when one is malformed
   */
  public StaticBootstrapper(List<String> peers, int port) {
    this(peers, new Addresses(port, NameResolver.system()));
  }

  StaticBootstrapper(List<String> peers, Addresses addresses) {
    this.addresses = addresses;
    this.peers = peers.stream().map(StaticBootstrapper::parse).toList();
  }

  private static Named parse(String text) {
    Multiaddr address = Multiaddr.parse(text);
    return new Named(address.peer().map(PeerId::new), address);
  }

  @Override
  public List<BootstrapPeer> peers() throws IOException {
    List<BootstrapPeer> known = new ArrayList<>();
    IOException failure = null;
    for (Named peer : peers) {
      try {
        addresses.peer(peer.id, List.of(peer.address)).ifPresent(known::add);
      } catch (IOException e) {
        failure = e;
      }
    }
    if (known.isEmpty() && failure != null) {
      throw failure;
    }
    return known;
  }

  @Override
  public String toString() {
    return "static list of " + peers.size();
  }
}
