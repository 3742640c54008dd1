package spegel.libp2p.host;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import spegel.multiformats.Multiaddr;

/**
 * Which of the addresses that strangers announce may be dialled: plain TCP, at most {@value
 * #MAX_ADDRESSES} of a peer, and neither unspecified, multicast, link-local, this host's own, nor
 * loopback, unless this host listens there itself.
 */
final class DialableAddresses {
  static final int MAX_ADDRESSES = 8;

  private DialableAddresses() {}

  static List<InetSocketAddress> of(Host host, List<Multiaddr> announced) {
    return announced.stream()
        .map(Multiaddr::tcpSocketAddress)
        .flatMap(Optional::stream)
        .filter(address -> isDialable(host, address))
        .distinct()
        .limit(MAX_ADDRESSES)
        .toList();
  }

  static List<Multiaddr> filter(Host host, List<Multiaddr> announced) {
    return of(host, announced).stream().map(Multiaddr::tcp).toList();
  }

  private static boolean isDialable(Host host, InetSocketAddress address) {
    return address.getPort() != 0
        && Host.isUsable(address.getAddress())
        && (!address.getAddress().isLoopbackAddress() || host.isOnLoopback())
        && !host.isOwn(address);
  }
}
