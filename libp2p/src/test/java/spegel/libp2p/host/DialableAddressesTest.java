package spegel.libp2p.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.libp2p.Identity;
import spegel.multiformats.Multiaddr;

/** Which of the addresses that strangers announce a host would dial. */
final class DialableAddressesTest {
  private static Host listening(String address) throws IOException {
    return Host.start(HostOptions.of(Identity.generate(), new InetSocketAddress(address, 0)));
  }

  private static List<String> dialable(Host host, List<String> announced) {
    return host.dialable(announced.stream().map(Multiaddr::parse).toList()).stream()
        .map(Multiaddr::toString)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/127.0.0.1/tcp/5001",
        "/ip6/::1/tcp/5001",
        "/ip4/0.0.0.0/tcp/5001",
        "/ip6/::/tcp/5001",
        "/ip4/169.254.169.254/tcp/80",
        "/ip6/fe80::1/tcp/5001",
        "/ip4/224.0.0.1/tcp/5001",
        "/ip6/ff02::1/tcp/5001",
        "/ip6/::ffff:127.0.0.1/tcp/5001",
        "/ip4/10.0.0.1/tcp/0",
        "/ip4/10.0.0.1/udp/5001/quic-v1",
        "/dns4/node.example/tcp/5001"
      })
  void dialable_leavesOut_whatIsNoPlaceOfAPeer(String address) throws IOException {
    try (Host host = listening("0.0.0.0")) {
      assertEquals(
          List.of("/ip4/10.0.0.2/tcp/5001"),
          dialable(host, List.of(address, "/ip4/10.0.0.2/tcp/5001")));
    }
  }

  @Test
  void dialable_leavesOut_theHostsOwnAddress_butNotItsOtherPorts() throws IOException {
    try (Host host = listening("127.0.0.1")) {
      int port = host.listenAddress().getPort();
      String other = "/ip4/127.0.0.1/tcp/" + (port == 1 ? 2 : port - 1);
      assertEquals(
          List.of(other), dialable(host, List.of("/ip4/127.0.0.1/tcp/" + port, other, other)));
    }
  }

  @Test
  void dialable_keepsTheFirstEight() throws IOException {
    try (Host host = listening("0.0.0.0")) {
      List<String> many =
          IntStream.rangeClosed(1, 20).mapToObj(i -> "/ip4/10.0.0." + i + "/tcp/5001").toList();
      assertEquals(many.subList(0, 8), dialable(host, many));
    }
  }

  @Test
  void dialable_takesLoopback_whenTheHostListensThere() throws IOException {
    try (Host host = listening("127.0.0.1")) {
      assertEquals(
          List.of("/ip4/127.0.0.7/tcp/5001"), dialable(host, List.of("/ip4/127.0.0.7/tcp/5001")));
    }
  }
}
