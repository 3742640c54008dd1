package spegel.kad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;

/**
 * A node whose peers answer at once or when the test lets them, and take messages when the test
 * lets them.
 */
final class KadNodeTest {
  private Instant now = Instant.parse("2030-01-01T00:00:00Z");
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<KadMessage> told = new ArrayList<>();
  private final Queue<Consumer<Boolean>> sending = new ArrayDeque<>();
  private final List<KadPeer> asked = new ArrayList<>();
  private final Set<PeerId> mute = new HashSet<>();
  private final Set<PeerId> slow = new HashSet<>();
  private final Queue<Consumer<List<KadPeer>>> answering = new ArrayDeque<>();
  private List<KadPeer> named = List.of();

  private final KadClock clock =
      new KadClock() {
        @Override
        public Instant now() {
          return now;
        }

        @Override
        public void schedule(Duration delay, Runnable task) {
          tasks.add(task);
        }
      };

  private final KadNetwork network =
      new KadNetwork() {
        @Override
        public void request(
            KadPeer to,
            KadMessage message,
            Duration timeout,
            Consumer<KadMessage> answered,
            Consumer<Libp2pException> failed) {
          asked.add(to);
          if (mute.contains(to.id())) {
            failed.accept(new Libp2pException("no answer"));
          } else if (slow.contains(to.id())) {
            answering.add(
                providers ->
                    answered.accept(
                        new KadMessage(message.type(), message.key(), List.of(), providers)));
          } else {
            answered.accept(new KadMessage(message.type(), message.key(), named, List.of()));
          }
        }

        @Override
        public void send(
            KadPeer to, List<KadMessage> messages, Duration timeout, Consumer<Boolean> done) {
          told.addAll(messages);
          sending.add(done);
        }

        @Override
        public List<Multiaddr> ownAddresses() {
          return peer(0, 1).addresses();
        }
      };

  private final KadNode node =
      new KadNode(peer(0, 1).id(), KadOptions.DEFAULT, network, clock, new Random(1));

  private static KadPeer peer(int number, int port) {
    byte[] id = new byte[36];
    id[0] = (byte) number;
    return new KadPeer(
        new PeerId(Multihash.of(Multihash.IDENTITY, id)),
        List.of(Multiaddr.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))));
  }

  private static byte[] key(int number) {
    return Multihash.sha256(("key " + number).getBytes(StandardCharsets.UTF_8)).bytes();
  }

  private void runTasks() {
    for (int left = tasks.size(); left > 0; left--) {
      tasks.remove().run();
    }
  }

  @Test
  void withdraw_endsAnAnnouncementUnderWay_andIsNoLongerAnsweredFor() throws KadException {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      keys.add(key(i));
    }
    node.connected(peer(1, 1));
    node.provide(keys);
    runTasks();
    int toldBefore = told.size();
    assertTrue(toldBefore > 0 && toldBefore < keys.size(), () -> "told of " + toldBefore);
    node.withdraw(keys);
    while (!sending.isEmpty()) {
      sending.remove().accept(true);
    }
    assertEquals(toldBefore, told.size());
    KadMessage question = KadMessage.of(KadMessage.Type.GET_PROVIDERS, key(0));
    assertEquals(List.of(), node.handle(peer(1, 1).id(), question).orElseThrow().providers());
  }

  @Test
  void search_mayBeCancelled_byWhoeverIsToldOfAProvider() throws KadException {
    List<KadPeer> found = new ArrayList<>();
    KadNetwork silent =
        new KadNetwork() {
          @Override
          public void request(
              KadPeer to,
              KadMessage message,
              Duration timeout,
              Consumer<KadMessage> answered,
              Consumer<Libp2pException> failed) {}

          @Override
          public void send(
              KadPeer to, List<KadMessage> messages, Duration timeout, Consumer<Boolean> done) {}

          @Override
          public List<Multiaddr> ownAddresses() {
            return List.of();
          }
        };
    KadNode seeker = new KadNode(peer(0, 1).id(), KadOptions.DEFAULT, silent, clock, new Random(1));
    seeker.connected(peer(1, 1));
    List<ProviderSearch> searches = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      searches.add(
          seeker.findProviders(
              key(1),
              provider -> {
                found.add(provider);
                searches.forEach(ProviderSearch::cancel);
              },
              () -> {}));
    }
    KadPeer provider = peer(2, 1);
    seeker.handle(
        provider.id(),
        new KadMessage(KadMessage.Type.ADD_PROVIDER, key(1), List.of(), List.of(provider)));
    assertEquals(List.of(provider), found);
  }

  private void passMillis(int millis) {
    now = now.plusMillis(millis);
    runTasks();
  }

  @Test
  void search_endsInVain_whenOnlyAPeerThatHangsHasNotAnswered() {
    List.of(peer(1, 1), peer(2, 1), peer(3, 1)).forEach(node::connected);
    runTasks();
    slow.add(peer(2, 1).id());
    boolean[] ended = {false};
    node.findProviders(key(1), _ -> {}, () -> ended[0] = true);
    passMillis(499);
    assertFalse(ended[0]);
    passMillis(1);
    assertTrue(ended[0]);
    // It has not failed: its answer may come.
    assertEquals(3, node.peerCount());
  }

  @Test
  void search_takesALateAnswer_whenNobodyElseHasOne() {
    node.connected(peer(1, 1));
    runTasks();
    slow.add(peer(1, 1).id());
    List<KadPeer> found = new ArrayList<>();
    boolean[] ended = {false};
    node.findProviders(key(1), found::add, () -> ended[0] = true);
    for (int i = 0; i < 10; i++) {
      passMillis(500);
    }
    assertFalse(ended[0]);
    answering.remove().accept(List.of(peer(7, 1)));
    assertEquals(List.of(peer(7, 1)), found);
    assertTrue(ended[0]);
  }

  @Test
  void search_waits_whenItWasThisProcessThatWasHeldUp() {
    List.of(peer(1, 1), peer(2, 1)).forEach(node::connected);
    runTasks();
    slow.add(peer(2, 1).id());
    boolean[] ended = {false};
    node.findProviders(key(1), _ -> {}, () -> ended[0] = true);
    passMillis(1_501);
    assertFalse(ended[0]);
    passMillis(500);
    assertTrue(ended[0]);
  }

  @Test
  void peers_areWhereTheySay_notWhereOthersSay() {
    List<KadPeer> peers = new ArrayList<>();
    for (int i = 1; i <= 25; i++) {
      peers.add(peer(i, 1));
    }
    peers.forEach(node::connected);
    assertEquals(25, node.peerCount());
    KadKey target = KadKey.of(key(1));
    peers.sort(Comparator.comparing(peer -> KadKey.of(peer.id()), target::compareDistance));
    // The nearest names the farthest, which is asked because all between fail.
    KadPeer farthest = peers.getLast();
    named = List.of(new KadPeer(farthest.id(), peer(0, 9).addresses()));
    peers.subList(1, 24).forEach(peer -> mute.add(peer.id()));
    node.findProviders(key(1), _ -> {}, () -> {});
    assertTrue(asked.contains(named.getFirst()), () -> asked.toString());
    assertTrue(node.peers().contains(farthest), () -> node.peers().toString());
  }
}
