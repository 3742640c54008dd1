package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.Together;
import spegel.libp2p.Identity;
import spegel.multiformats.Multiaddr;

/** How connections with go-libp2p begin, end and begin again. */
@ExtendWith(FailureLogs.class)
class ConnectionTest {
  private static final Duration WITHIN = Duration.ofSeconds(10);

  private final PeerProcess process = PeerProcess.go();

  /** All peers are of one address here. */
  private OurHost ours = OurHost.start(options -> options.withConnectionsPerNetwork(256));

  @AfterEach
  void stop() {
    ours.close();
    process.close();
  }

  private void assertConversation(ForeignHost peer) {
    ours.ping(peer.id(), 3);
    assertEquals(3, peer.ping(ours.id(), 3).size());
  }

  @Test
  void noise_isUsed_whenTheDialerOffersTlsFirst() {
    for (List<String> security : List.of(List.of("tls", "noise"), List.of("noise"))) {
      ForeignHost peer = process.host(Map.of("security", security));
      peer.connect(ours.host());
      assertEquals("/noise", peer.connections(ours.id()).getFirst().security());
      assertConversation(peer);
    }
  }

  @Test
  void dialerWithTlsAlone_isRefused_andOthersAreNot() {
    try (CapturedLog log = new CapturedLog()) {
      ForeignHost stranger = process.host(Map.of("security", List.of("tls")));
      AssertionError refused =
          assertThrows(AssertionError.class, () -> stranger.connect(ours.host()));
      assertTrue(String.valueOf(refused.getMessage()).contains("failed to negotiate security"));
      assertFalse(ours.host().isConnected(stranger.id()));
      ForeignHost peer = process.host(Map.of());
      peer.connect(ours.host());
      assertConversation(peer);
      assertEquals(List.of(), log.lines());
    }
  }

  @Test
  void dialerThatHangsUpToLearnTheId_isWelcomeAtOnce_andLeavesNoLineInTheLog() {
    try (CapturedLog log = new CapturedLog()) {
      for (int i = 0; i < 20; i++) {
        ForeignHost peer = process.host(Map.of());
        assertEquals(ours.id(), peer.learn(ours.host().addresses()));
        assertEquals(ours.id(), peer.learn(ours.host().addresses()));
        peer.connect(ours.host());
        assertConversation(peer);
        peer.disconnect(ours.id());
        ours.awaitDisconnected(peer.id());
        ours.connect(peer);
        assertConversation(peer);
        peer.stop();
      }
      LoggerFactory.getLogger(ConnectionTest.class).info("the log is looked at");
      assertEquals(1, log.lines().size(), log.lines().toString());
    }
  }

  @Test
  void simultaneousDials_leaveConnectionsThatWork() {
    ForeignHost peer = process.host(Map.of());
    for (int round = 0; round < 50; round++) {
      Together.run(() -> ours.connect(peer), () -> peer.connect(ours.host()));
      assertConversation(peer);
      int connections = peer.connections(ours.id()).size();
      assertTrue(connections == 1 || connections == 2, connections + " connections");
      // A connection that we have dialled may reach the peer's list only after it emptied that.
      Await.until(
          "the connections have ended here",
          WITHIN,
          () -> {
            peer.disconnect(ours.id());
            return !ours.host().isConnected(peer.id());
          });
      Await.until("the peer has none", WITHIN, () -> peer.connections(ours.id()).isEmpty());
    }
  }

  @Test
  void trimmedConnections_areDialledAgainOnDemand() {
    ForeignHost peer = process.host(Map.of("lowWater", 1, "highWater", 3));
    List<OurHost> hosts = IntStream.range(0, 8).mapToObj(_ -> OurHost.start()).toList();
    try {
      hosts.forEach(host -> host.connect(peer));
      Await.until("all are connected", WITHIN, () -> peer.connectionCount() == hosts.size());
      Await.until(
          "connections were trimmed",
          WITHIN,
          () -> {
            peer.trim();
            return peer.connectionCount() <= 1;
          });
      Await.until(
          "those who lost theirs know",
          WITHIN,
          () -> hosts.stream().filter(host -> host.host().isConnected(peer.id())).count() <= 1);
      for (OurHost host : hosts) {
        host.connect(peer);
        host.ping(peer.id(), 1);
        host.echo(peer.id(), 2, 1000);
      }
    } finally {
      hosts.forEach(OurHost::close);
    }
  }

  @Test
  void twoHundredPeers_areServedTogether() {
    List<ForeignHost> peers = process.hosts(200, Map.of());
    Together.times(50, i -> peers.get(i).connect(ours.host()));
    Together.times(50, i -> peers.get(50 + i).connect(ours.host()));
    Together.times(100, i -> ours.connect(peers.get(100 + i)));
    assertEquals(200, ours.host().peers().size());
    Together.times(
        200,
        i -> {
          ours.ping(peers.get(i).id(), 2);
          peers.get(i).ping(ours.id(), 2);
        });
    Await.until(
        "all have identified themselves",
        WITHIN,
        () -> peers.stream().allMatch(peer -> ours.host().info(peer.id()).isPresent()));
  }

  @Test
  void restartedPeer_isConnectedToAgain(@TempDir Path folder) {
    Map<String, Object> spec = Map.of("keyFile", folder.resolve("private.key").toString());
    PeerProcess first = PeerProcess.go();
    ForeignHost peer = first.host(spec);
    ours.connect(peer);
    ours.identified(peer.id());
    first.kill();
    ours.awaitDisconnected(peer.id());
    try (PeerProcess second = PeerProcess.go()) {
      ForeignHost again = second.host(listeningOn(peer.addresses().getFirst(), spec));
      assertEquals(peer.id(), again.id());
      assertEquals(peer.addresses(), again.addresses());
      ours.connect(again);
      assertConversation(again);
      // And at once when it is the one who dials.
      again.disconnect(ours.id());
      ours.awaitDisconnected(again.id());
      again.connect(ours.host());
      assertConversation(again);
    }
  }

  private static Map<String, Object> listeningOn(Multiaddr address, Map<String, Object> spec) {
    return Map.of(
        "listen", List.of(address.toString()), "keyFile", String.valueOf(spec.get("keyFile")));
  }

  @Test
  void restartOfOurs_isConnectedToAgain() {
    ForeignHost peer = process.host(Map.of());
    Identity identity = Identity.generate();
    for (boolean theyDial : new boolean[] {true, false, true}) {
      int port = ours.port();
      ours.close();
      ours = OurHost.start(identity, port, UnaryOperator.identity());
      Await.until(
          "the peer knows that we were gone", WITHIN, () -> peer.connections(ours.id()).isEmpty());
      if (theyDial) {
        peer.connect(ours.host());
      } else {
        ours.connect(peer);
      }
      assertConversation(peer);
    }
  }

  @Test
  void keyFile_isReadByBoth_whoeverWroteIt(@TempDir Path folder) throws Exception {
    Path theirs = folder.resolve("theirs.key");
    ForeignHost peer = process.host(Map.of("keyFile", theirs.toString()));
    assertEquals(peer.id(), Identity.loadOrCreate(theirs).peerId());
    Path own = folder.resolve("own.key");
    Identity identity = Identity.loadOrCreate(own);
    assertEquals(identity.peerId(), process.host(Map.of("keyFile", own.toString())).id());
    assertEquals(identity.peerId(), Identity.loadOrCreate(own).peerId());
  }

  @Test
  void protocolsThatComeLater_areToldByPush_inBothDirections() {
    String later = "/interop/later/1.0.0";
    ForeignHost peer = process.host(Map.of());
    peer.connect(ours.host());
    assertFalse(ours.identified(peer.id()).protocols().contains(later));
    ours.host().handle(later, _ -> {});
    ours.host().pushIdentify();
    Await.until(
        "the peer knows the protocol",
        WITHIN,
        () -> peer.knownProtocols(ours.id()).contains(later));
    peer.handle(later);
    Await.until(
        "we know the protocol",
        WITHIN,
        () -> ours.identified(peer.id()).protocols().contains(later));
  }
}
