package spegel.kad.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.kad.KadMessage;
import spegel.kad.KadNode;
import spegel.kad.KadOptions;
import spegel.kad.KadPeer;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.host.Host;

/** Nodes that find each other's keys over real sockets. */
@Timeout(60)
final class KadServiceTest {
  private static final String PROTOCOL = Cluster.PREFIX + "/kad/1.0.0";
  private static final Duration SOON = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 20})
  void findProviders_findsEachNodesKey_fromEveryOtherNode(int size) throws Exception {
    try (Cluster cluster = Cluster.of(size)) {
      for (int i = 0; i < size; i++) {
        Cluster.Node provider = cluster.node(i);
        byte[] key = Cluster.key("of node " + i);
        provider.kad().node().provide(List.of(key));
        for (Cluster.Node seeker : cluster.nodes()) {
          if (!seeker.equals(provider)) {
            PeerId found = Cluster.find(seeker, key, SOON).map(KadPeer::id).orElseThrow();
            assertEquals(provider.host().id(), found);
          }
        }
      }
      assertEquals(Optional.empty(), Cluster.search(cluster.node(0), Cluster.key("no"), SOON));
    }
  }

  @Test
  void withdraw_takesEffectAtOnce_atTheNodeItself() throws Exception {
    try (Cluster cluster = Cluster.of(3);
        Host asker = Cluster.host(Identity.generate(), "127.0.0.66", 0)) {
      Cluster.Node provider = cluster.node(1);
      byte[] key = Cluster.key("withdrawn");
      asker.connect(provider.host().id(), provider.host().addresses());
      KadStream stream =
          new KadStream(
              asker.open(provider.host().id(), PROTOCOL), new MessageMemory(10, 1024 * 1024));
      assertEquals(List.of(), providers(stream, key));
      provider.kad().node().provide(List.of(key));
      assertEquals(List.of(provider.host().id()), providers(stream, key));
      provider.kad().node().withdraw(List.of(key));
      assertEquals(List.of(), providers(stream, key));
      stream.close();
    }
  }

  private static List<PeerId> providers(KadStream stream, byte[] key) throws IOException {
    KadMessage question = new KadMessage(KadMessage.Type.GET_PROVIDERS, key, List.of(), List.of());
    return stream.ask(question, SOON).providers().stream().map(KadPeer::id).toList();
  }

  @Test
  void node_isFoundAgain_afterItsRestart() throws Exception {
    try (Cluster cluster = Cluster.of(5)) {
      Cluster.Node before = cluster.node(4);
      before.kad().node().provide(List.of(Cluster.key("of the first life")));
      assertFound(cluster.node(0), Cluster.key("of the first life"));
      int port = before.host().listenAddress().getPort();
      cluster.leave(before);
      Host host = Cluster.host(before.identity(), "127.0.0.5", port);
      Cluster.Node after = cluster.join(before.identity(), host);
      cluster.awaitAcquaintance(4);
      byte[] key = Cluster.key("of the second life");
      after.kad().node().provide(List.of(key));
      for (Cluster.Node seeker : cluster.nodes().subList(0, 4)) {
        KadPeer found = Cluster.find(seeker, key, SOON).orElseThrow();
        assertEquals(new KadPeer(host.id(), host.addresses()), found);
      }
      // What it is told itself it keeps, as before.
      cluster.node(0).kad().node().provide(List.of(Cluster.key("of another")));
      assertFound(after, Cluster.key("of another"));
    }
  }

  private static void assertFound(Cluster.Node seeker, byte[] key) throws Exception {
    assertTrue(Cluster.find(seeker, key, SOON).isPresent());
  }

  @Test
  void peers_areForgotten_whenTheyLeaveTheDht_andKnownAgainWhenTheyComeBack() throws Exception {
    try (Cluster cluster = Cluster.of(2)) {
      Host host = cluster.node(1).host();
      cluster.node(1).kad().close();
      KadNode other = cluster.node(0).kad().node();
      Cluster.await("the one that left is forgotten", () -> other.peerCount() == 0);
      assertTrue(host.isConnected(cluster.node(0).host().id()));
      try (KadService again = KadService.start(host, Cluster.PREFIX, KadOptions.DEFAULT)) {
        Cluster.await("it is known again", () -> other.peerCount() == 1);
        assertEquals(1, again.node().peerCount());
      }
    }
  }

  @Test
  void peers_ofAnotherNetwork_areNotTakenForPeers() throws Exception {
    try (Cluster cluster = Cluster.of(2);
        Host host = Cluster.host(Identity.generate(), "127.0.0.66", 0);
        KadService _ = KadService.start(host, "/another", KadOptions.DEFAULT)) {
      Cluster.Node node = cluster.node(0);
      host.connect(node.host().id(), node.host().addresses());
      Cluster.await("it is identified", () -> node.host().info(host.id()).isPresent());
      assertEquals(1, node.kad().node().peerCount());
    }
  }

  @Test
  void close_failsWhatIsUnderWay_andClosesPeersStreams() throws Exception {
    try (Cluster cluster = Cluster.of(2);
        Host frozen = Cluster.host(Identity.generate(), "127.0.0.66", 0)) {
      Cluster.Node node = cluster.node(0);
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch reset = new CountDownLatch(1);
      frozen.handle(
          PROTOCOL,
          stream -> {
            asked.countDown();
            try {
              stream.input().readAllBytes();
            } catch (IOException e) {
              reset.countDown();
            }
          });
      frozen.connect(node.host().id(), node.host().addresses());
      Cluster.await("it is known", () -> node.kad().node().peerCount() == 2);
      Stream inbound = frozen.open(node.host().id(), PROTOCOL);
      inbound.output().write(new byte[] {2, 8, 5});
      assertEquals(2, inbound.input().read());
      node.kad().node().findProviders(Cluster.key("nobody's"), _ -> {}, () -> {});
      assertTrue(asked.await(10, TimeUnit.SECONDS));
      node.kad().close();
      node.kad().close();
      assertTrue(reset.await(10, TimeUnit.SECONDS));
      assertThrows(IOException.class, () -> inbound.input().readAllBytes());
    }
  }
}
