package spegel.kad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;

final class ProviderStoreTest {
  private static final Duration LIFETIME = Duration.ofMinutes(19);
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  private static RecordKey key(int number) {
    return new RecordKey(new byte[] {(byte) number});
  }

  private static KadPeer provider(int number, int port) {
    byte[] id = new byte[36];
    id[0] = (byte) number;
    return new KadPeer(
        new PeerId(Multihash.of(Multihash.IDENTITY, id)),
        List.of(Multiaddr.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))));
  }

  @Test
  void find_yieldsARecord_untilItsLifetimeSinceItWasLastToldIsOver() {
    ProviderStore store = new ProviderStore(LIFETIME, 10, 10);
    store.add(key(1), provider(1, 1), NOW);
    store.add(key(2), provider(1, 1), NOW);
    Instant again = NOW.plus(Duration.ofMinutes(15));
    store.add(key(1), provider(1, 1), again);
    Instant later = NOW.plus(LIFETIME);
    assertEquals(List.of(provider(1, 1)), store.find(key(1), later, 10));
    assertEquals(List.of(), store.find(key(2), later, 10));
    store.expire(later);
    assertEquals(1, store.size());
    store.expire(again.plus(LIFETIME));
    assertEquals(0, store.size());
  }

  @Test
  void find_yieldsWhereAProviderLastSaidThatItIs_forAllItsRecords() {
    ProviderStore store = new ProviderStore(LIFETIME, 10, 10);
    store.add(key(1), provider(1, 1), NOW);
    store.add(key(2), provider(1, 2), NOW);
    assertEquals(List.of(provider(1, 2)), store.find(key(1), NOW, 10));
  }

  @Test
  void add_forgetsTheRecordToldFirst_whenFull() {
    ProviderStore store = new ProviderStore(LIFETIME, 3, 2);
    store.add(key(1), provider(1, 1), NOW);
    store.add(key(2), provider(1, 1), NOW);
    store.add(key(2), provider(2, 1), NOW);
    store.add(key(2), provider(3, 1), NOW);
    assertEquals(List.of(provider(3, 1), provider(2, 1)), store.find(key(2), NOW, 10));
    assertEquals(3, store.size());
    store.add(key(3), provider(4, 1), NOW);
    assertEquals(List.of(), store.find(key(1), NOW, 10));
    assertEquals(3, store.size());
  }
}
