package spegel.routing.bootstrap;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import spegel.libp2p.PeerId;
import spegel.multiformats.AddressProtocol;
import spegel.multiformats.Multiaddr;

/**
 * Where to dial what a bootstrap source names: plain TCP, an IP address or a name; without a port
 * it is this node's own. Addresses of other transports are left out.
 */
final class Addresses {
  private static final int MAX_ADDRESSES = 8;

  private final int port;
  private final NameResolver resolver;

  Addresses(int port, NameResolver resolver) {
    this.port = port;
    this.resolver = resolver;
  }

  /** The peer with the addresses that can be dialled; empty when none can. */
  Optional<BootstrapPeer> peer(Optional<PeerId> id, List<Multiaddr> named) throws IOException {
    List<InetSocketAddress> dialable = new ArrayList<>();
    for (Multiaddr address : named) {
      dialable.addAll(socketAddresses(address));
    }
    List<InetSocketAddress> kept = dialable.stream().distinct().limit(MAX_ADDRESSES).toList();
    return kept.isEmpty() ? Optional.empty() : Optional.of(new BootstrapPeer(id, kept));
  }

  private List<InetSocketAddress> socketAddresses(Multiaddr address) throws IOException {
    boolean otherTransport =
        address.value(AddressProtocol.UDP).isPresent()
            || address.value(AddressProtocol.QUIC_V1).isPresent();
    if (otherTransport) {
      return List.of();
    }
    int dialed = address.value(AddressProtocol.TCP).map(Integer::parseInt).orElse(port);
    return ips(address).stream().map(ip -> new InetSocketAddress(ip, dialed)).toList();
  }

  private List<InetAddress> ips(Multiaddr address) throws IOException {
    Optional<String> literal =
        address.value(AddressProtocol.IP4).or(() -> address.value(AddressProtocol.IP6));
    if (literal.isPresent()) {
      return List.of(InetAddress.ofLiteral(literal.get()));
    }
    Optional<String> name = address.value(AddressProtocol.DNS);
    if (name.isPresent()) {
      return resolver.resolve(name.get(), Bootstrapper.MAX_PEERS);
    }
    name = address.value(AddressProtocol.DNS4);
    if (name.isPresent()) {
      return ofFamily(name.get(), Inet4Address.class);
    }
    name = address.value(AddressProtocol.DNS6);
    return name.isPresent() ? ofFamily(name.get(), Inet6Address.class) : List.of();
  }

  private List<InetAddress> ofFamily(String name, Class<? extends InetAddress> family)
      throws IOException {
    return resolver.resolve(name, Bootstrapper.MAX_PEERS).stream()
        .filter(family::isInstance)
        .toList();
  }
}
