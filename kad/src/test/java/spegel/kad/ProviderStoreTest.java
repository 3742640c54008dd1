package spegel.kad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;

final class ProviderStoreTest {
  private static final Duration LIFETIME = Duration.ofMinutes(19);
  private static final Instant NOW = Instant.EPOCH;
  private static final KadPeer ALICE = peer("alice");
  private static final KadPeer BOB = peer("bob");
  private static final KadPeer CAROL = peer("carol");

  private final ProviderStore store = new ProviderStore(LIFETIME, 10, 2);

  private static Multihash hash(String name) {
    return Multihash.sha256(name.getBytes(StandardCharsets.UTF_8));
  }

  private static RecordKey key(int number) {
    return new RecordKey(hash("key " + number).bytes());
  }

  private static KadPeer peer(String name) {
    return new KadPeer(new PeerId(hash(name)), List.of(Multiaddr.parse("/ip4/10.0.0.1/tcp/5001")));
  }

  private List<KadPeer> find(RecordKey key, Instant now) {
    return store.find(key, now, 64);
  }

  @Test
  void find_givesTheLatestToldFirst_untilTheyExpire() {
    store.add(key(1), ALICE, NOW);
    store.add(key(1), BOB, NOW.plusSeconds(60));
    assertEquals(List.of(BOB, ALICE), find(key(1), NOW.plusSeconds(60)));
    assertEquals(List.of(BOB), store.find(key(1), NOW, 1));
    assertEquals(List.of(BOB), find(key(1), NOW.plus(LIFETIME)));
    store.add(key(1), ALICE, NOW.plusSeconds(120));
    assertEquals(List.of(ALICE, BOB), find(key(1), NOW.plusSeconds(120)));
    assertEquals(2, store.size());
  }

  @Test
  void expire_forgets_whatIsBelievedNoMore() {
    store.add(key(1), ALICE, NOW);
    store.add(key(2), ALICE, NOW.plusSeconds(60));
    store.add(key(1), BOB, NOW.plusSeconds(60));
    store.expire(NOW.plus(LIFETIME));
    assertEquals(2, store.size());
    assertEquals(List.of(BOB), find(key(1), NOW));
    store.expire(NOW.plus(LIFETIME).plusSeconds(60));
    assertEquals(0, store.size());
  }

  @Test
  void find_givesAProvidersLatestAddresses() {
    store.add(key(1), ALICE, NOW);
    KadPeer moved = new KadPeer(ALICE.id(), List.of(Multiaddr.parse("/ip4/10.0.0.2/tcp/5001")));
    store.add(key(2), moved, NOW);
    assertEquals(List.of(moved), find(key(1), NOW));
  }

  @Test
  void add_forgetsTheOldestOfTheKey_whenItHasTooMany() {
    store.add(key(1), ALICE, NOW);
    store.add(key(1), BOB, NOW);
    store.add(key(1), CAROL, NOW);
    assertEquals(List.of(CAROL, BOB), find(key(1), NOW));
    assertEquals(2, store.size());
  }

  @Test
  void add_forgetsTheOldestOfWhomeverHasTheMost_whenFull() {
    store.add(key(1), ALICE, NOW);
    store.add(key(2), BOB, NOW);
    for (int i = 100; i < 1000; i++) {
      store.add(key(i), CAROL, NOW);
    }
    assertEquals(10, store.size());
    assertEquals(List.of(ALICE), find(key(1), NOW));
    assertEquals(List.of(BOB), find(key(2), NOW));
    assertEquals(List.of(), find(key(100), NOW));
    assertEquals(List.of(CAROL), find(key(999), NOW));
    store.add(key(3), ALICE, NOW);
    assertEquals(List.of(), find(key(992), NOW));
  }

  @Test
  void records_ofAFullStore_fitTheHeapOfANode() {
    ProviderStore full =
        new ProviderStore(
            LIFETIME, KadOptions.DEFAULT.maxRecords(), KadOptions.DEFAULT.maxProvidersPerKey());
    List<KadPeer> peers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      peers.add(peer("peer " + i));
    }
    long before = usedHeapBytes();
    for (int i = 0; i < 2 * KadOptions.DEFAULT.maxRecords(); i++) {
      full.add(key(i), peers.get(i % peers.size()), NOW.plusMillis(i));
    }
    long bytes = usedHeapBytes() - before;
    assertEquals(KadOptions.DEFAULT.maxRecords(), full.size());
    // Of 48 MiB; this test's heap has larger headers than a node's.
    assertTrue(bytes < 24L * 1024 * 1024, () -> bytes + " bytes for " + full.size() + " records");
  }

  private static long usedHeapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
