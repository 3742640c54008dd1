package spegel.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MultiaddrTest {
  private static final String PEER = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/5001,047f000001061389",
    "/ip4/1.2.3.4/udp/80,0401020304910200 50",
    "/ip6/2001:8a0:7ac5:4201:3ac9:86ff:fe31:7095/tcp/8000,29200108a07ac542013ac986fffe317095061f40",
    "/ip6/::1/tcp/1,2900000000000000000000000000000001060001",
    "/ip4/10.0.0.1/udp/443/quic-v1,040a000001910201bbcd03",
    "/dns4/a.b/tcp/1,3603612e62060001",
    "/ip4/10.0.0.0/ipcidr/8,040a0000002b08",
    "/ip6/fd00::/ipcidr/255,29fd0000000000000000000000000000002bff",
  })
  void parse_isTheInverseOfToStringAndOfDecode(String text, String hex) {
    Multiaddr address = Multiaddr.parse(text);
    assertEquals(text, address.toString());
    assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(address.bytes()));
    assertEquals(address, Multiaddr.decode(address.bytes()));
  }

  @ParameterizedTest
  @CsvSource({
    "/ip6/::ffff:1.2.3.4/tcp/1,/ip6/::ffff:102:304/tcp/1",
    "/ip6/0:0:0:0:0:0:0:0/tcp/1,/ip6/::/tcp/1",
    "/ip6/1:0:0:2:0:0:0:3/tcp/1,/ip6/1:0:0:2::3/tcp/1",
    "/ip6/1:0:2:3:4:5:6:7/tcp/1,/ip6/1:0:2:3:4:5:6:7/tcp/1",
    "/ip4/1.2.3.4/tcp/1/ipfs/" + PEER + ",/ip4/1.2.3.4/tcp/1/p2p/" + PEER,
  })
  void toString_isCanonical(String text, String canonical) {
    assertEquals(canonical, Multiaddr.parse(text).toString());
  }

  @Test
  void peer_isTheOneAtTheEnd() {
    Multiaddr address = Multiaddr.parse("/ip4/1.2.3.4/tcp/5/p2p/" + PEER);
    assertEquals(PEER, address.peer().orElseThrow().toString());
    assertEquals("/ip4/1.2.3.4/tcp/5", address.withoutPeer().orElseThrow().toString());
    assertEquals(Optional.empty(), Multiaddr.parse("/p2p/" + PEER).withoutPeer());
    assertEquals(Optional.empty(), Multiaddr.parse("/p2p/" + PEER + "/p2p-circuit").peer());
    assertEquals(
        address, Multiaddr.parse("/ip4/1.2.3.4/tcp/5").append(Multiaddr.parse("/p2p/" + PEER)));
  }

  @Test
  void tcpSocketAddress_isOfPlainTcpOnly() throws Exception {
    InetSocketAddress expected = new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 5001);
    assertEquals(Optional.of(expected), Multiaddr.tcp(expected).tcpSocketAddress());
    assertEquals(
        Optional.of(expected),
        Multiaddr.parse("/ip4/10.0.0.1/tcp/5001/p2p/" + PEER).tcpSocketAddress());
    for (String other :
        new String[] {
          "/ip4/10.0.0.1/udp/1/quic-v1", "/dns/a/tcp/1", "/ip4/10.0.0.1/tcp/1/ws", "/ip4/10.0.0.1"
        }) {
      assertEquals(Optional.empty(), Multiaddr.parse(other).tcpSocketAddress());
    }
    assertEquals(Optional.of("5001"), Multiaddr.tcp(expected).value(AddressProtocol.TCP));
  }

  @Test
  void decode_carriesUnknownProtocols() {
    byte[] bytes = HexFormat.of().parseHex("047f000001" + "e707" + "0102ff");
    Multiaddr address = Multiaddr.decode(bytes);
    assertEquals("/ip4/127.0.0.1/unknown-999/0102ff", address.toString());
    assertArrayEquals(bytes, Multiaddr.parse(address.toString()).bytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "//",
        "ip4/1.2.3.4",
        "/ip4",
        "/ip4/1.2.3",
        "/ip4/256.1.1.1",
        "/ip4/::1",
        "/ip6/1.2.3.4",
        "/ip6/fe80::1%eth0",
        "/ip4/1.2.3.4/tcp",
        "/ip4/1.2.3.4/tcp/65536",
        "/ip4/1.2.3.4/tcp/-1",
        "/ip4/1.2.3.4/tcp/01",
        "/ip4/1.2.3.4/tcp/1/",
        "/dns4/",
        "/p2p/nobody",
        "/nosuch/1",
        "/unknown-6/00",
        "/unknown-x/00"
      })
  void parse_throws_whenNotAMultiaddr(String text) {
    assertThrows(MultiformatException.class, () -> Multiaddr.parse(text));
  }

  @Test
  void decode_throws_whenAPeersIdIsOfAnotherHash() {
    // SHA2-512, in base58 without a beginning by which its text could be told from that of a CID.
    byte[] bytes = HexFormat.of().parseHex("a503" + "42" + "1340" + "ab".repeat(64));
    assertThrows(MultiformatException.class, () -> Multiaddr.decode(bytes));
  }
}
