package spegel.routing.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.MultiformatException;

@Timeout(20)
class BootstrappersTest {
  private static final int PORT = 5001;
  private static final PeerId ID = Identity.ofSeed(new byte[32]).peerId();

  private static BootstrapPeer peer(Optional<PeerId> id, String... addresses) {
    return new BootstrapPeer(
        id, List.of(addresses).stream().map(BootstrappersTest::socketAddress).toList());
  }

  private static InetSocketAddress socketAddress(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        InetAddress.ofLiteral(text.substring(0, colon)),
        Integer.parseInt(text.substring(colon + 1)));
  }

  private static NameResolver resolverOf(String... literals) {
    return new NameResolver(
        _ -> List.of(literals).stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new),
        Duration.ofSeconds(5));
  }

  // dns

  @Test
  void dns_givesEachAddressAsAPeerOfItsOwn_atTheRoutersPort() throws IOException {
    Bootstrapper dns =
        new DnsBootstrapper("spegel.local", PORT, resolverOf("10.0.0.2", "10.0.0.1", "fd00::1"));
    assertEquals(
        List.of(
            peer(Optional.empty(), "10.0.0.1:5001"),
            peer(Optional.empty(), "10.0.0.2:5001"),
            peer(Optional.empty(), "fd00::1:5001")),
        dns.peers());
  }

  @Test
  void dns_resolvesWithTheSystem() throws IOException {
    assertTrue(
        new DnsBootstrapper("localhost", PORT)
            .peers()
            .contains(peer(Optional.empty(), "127.0.0.1:5001")));
  }

  // static

  @Test
  void static_readsMultiaddresses_withAndWithoutIdPortAndName() throws IOException {
    Bootstrapper list =
        new StaticBootstrapper(
            List.of(
                "/ip4/10.0.0.1/tcp/7000/p2p/" + ID,
                "/ip4/10.0.0.2",
                "/ip6/fd00::1/tcp/7001",
                "/dns4/node.local/tcp/7002",
                "/ip4/10.0.0.3/udp/5001/quic-v1"),
            new Addresses(PORT, resolverOf("10.1.0.1", "fd01::1")));
    assertEquals(
        List.of(
            peer(Optional.of(ID), "10.0.0.1:7000"),
            peer(Optional.empty(), "10.0.0.2:5001"),
            peer(Optional.empty(), "fd00::1:7001"),
            peer(Optional.empty(), "10.1.0.1:7002")),
        list.peers());
  }

  @Test
  void static_throws_whenAnAddressIsMalformed() {
    assertThrows(
        MultiformatException.class, () -> new StaticBootstrapper(List.of("10.0.0.1:5001"), PORT));
  }

  // http

  private static List<BootstrapPeer> ask(int status, String body) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/id",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/id");
      return new HttpBootstrapper(url, Optional.empty(), PORT).peers();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void http_readsAnArray_ofWhichTheFirstThreeCount() throws IOException {
    String unknown = "{\"Addrs\":[\"/ip4/10.0.0.2\"],\"ID\":\"\",\"other\":{\"x\":[1,null]}}";
    String known =
        "{\"ID\":\""
            + ID
            + "\",\"Addrs\":[\"/ip4/10.0.0.1/tcp/5002\",\"/ip4/10.0.0.1/udp/5001/quic-v1\","
            + "\"/ip4/10.0.0.1/no-such-protocol/5\"]}";
    String array = "[" + String.join(",", known, unknown, unknown, known) + "]";
    assertEquals(
        List.of(
            peer(Optional.of(ID), "10.0.0.1:5002"),
            peer(Optional.empty(), "10.0.0.2:5001"),
            peer(Optional.empty(), "10.0.0.2:5001")),
        ask(200, array));
  }

  @Test
  void http_readsWhatANodeTellsOfItself_inBothForms() throws IOException {
    List<Multiaddr> addresses =
        List.of(
            Multiaddr.parse("/ip4/10.0.0.1/tcp/5001"), Multiaddr.parse("/ip6/fd00::1/tcp/5001"));
    for (boolean bare : new boolean[] {true, false}) {
      String document = new String(PeerInfoJson.write(ID, addresses, bare), StandardCharsets.UTF_8);
      assertEquals(bare ? '{' : '[', document.charAt(0));
      assertEquals(
          List.of(peer(Optional.of(ID), "10.0.0.1:5001", "fd00::1:5001")), ask(200, document));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{",
        "[{\"ID\":5,\"Addrs\":{}}]",
        "[{\"ID\":\"12D3KooWnonsense\",\"Addrs\":[]}]",
        "[\"10.0.0.1\"]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[["
      })
  void http_throws_whenTheAnswerIsNoListOfPeers(String body) {
    IOException e = assertThrows(IOException.class, () -> ask(200, body));
    assertTrue(String.valueOf(e.getMessage()).contains("is not a list of peers"), e::getMessage);
  }

  @Test
  void http_throws_whenTheStatusIsNot200_orTheBodyHasNoEnd() {
    IOException e = assertThrows(IOException.class, () -> ask(503, "[]"));
    assertTrue(String.valueOf(e.getMessage()).contains("status 503"), e::getMessage);
    e = assertThrows(IOException.class, () -> ask(200, "[" + " ".repeat(300 * 1024) + "]"));
    assertTrue(String.valueOf(e.getMessage()).contains("more than"), e::getMessage);
  }

  @Test
  void http_givesNobody_whenTheListIsEmpty() throws IOException {
    assertEquals(List.of(), ask(200, "[]"));
    assertEquals(List.of(), ask(200, "[{\"ID\":\"" + ID + "\",\"Addrs\":[]}]"));
  }
}
