package spegel.kad;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import spegel.libp2p.PeerId;

/**
 * Who has what, as this node was told, for as long as it is believed. Full, it forgets the oldest
 * record of the provider that has the most: a peer that announces without end drives out its own.
 * Guarded by its node's lock.
 */
final class ProviderStore {
  private final Duration lifetime;
  private final int maxRecords;
  private final int maxPerKey;

  private final Map<PeerId, Provider> providers = new HashMap<>();

  /** Providers by the number of their records, which is never 0. */
  private final TreeMap<Integer, Set<Provider>> byCount = new TreeMap<>();

  /** Of each key, the one told last at the end. */
  private final Map<RecordKey, List<Provider>> byKey = new HashMap<>();

  private int size;

  /** A peer, where it was last, and until when it is believed to have what; oldest first. */
  private static final class Provider {
    KadPeer peer;
    final Map<RecordKey, Instant> expires = new LinkedHashMap<>();

    Provider(KadPeer peer) {
      this.peer = peer;
    }
  }

  ProviderStore(Duration lifetime, int maxRecords, int maxPerKey) {
    this.lifetime = lifetime;
    this.maxRecords = maxRecords;
    this.maxPerKey = maxPerKey;
  }

  void add(RecordKey key, KadPeer peer, Instant now) {
    Provider known = providers.get(peer.id());
    if (known != null) {
      remove(key, known);
    }
    List<Provider> ofKey = byKey.getOrDefault(key, List.of());
    if (ofKey.size() >= maxPerKey) {
      remove(key, ofKey.getFirst());
    } else if (size >= maxRecords) {
      Provider greatest = byCount.lastEntry().getValue().iterator().next();
      remove(greatest.expires.keySet().iterator().next(), greatest);
    }
    Provider provider = providers.computeIfAbsent(peer.id(), _ -> new Provider(peer));
    provider.peer = peer;
    byKey.computeIfAbsent(key, _ -> new ArrayList<>(1)).add(provider);
    provider.expires.put(key, now.plus(lifetime));
    size++;
    counted(provider, provider.expires.size() - 1);
  }

  private void remove(RecordKey key, Provider provider) {
    if (provider.expires.remove(key) == null) {
      return;
    }
    size--;
    counted(provider, provider.expires.size() + 1);
    if (provider.expires.isEmpty()) {
      providers.remove(provider.peer.id());
    }
    List<Provider> ofKey = byKey.getOrDefault(key, List.of());
    ofKey.remove(provider);
    if (ofKey.isEmpty()) {
      byKey.remove(key);
    }
  }

  /** The number of the provider's records has changed. */
  private void counted(Provider provider, int before) {
    if (before > 0) {
      byCount.computeIfPresent(
          before, (_, same) -> same.remove(provider) && same.isEmpty() ? null : same);
    }
    if (!provider.expires.isEmpty()) {
      byCount.computeIfAbsent(provider.expires.size(), _ -> new LinkedHashSet<>()).add(provider);
    }
  }

  /** Providers of the key, the latest told first, at most {@code count}. */
  List<KadPeer> find(RecordKey key, Instant now, int count) {
    return byKey.getOrDefault(key, List.of()).reversed().stream()
        .filter(provider -> provider.expires.getOrDefault(key, Instant.MIN).isAfter(now))
        .limit(count)
        .map(provider -> provider.peer)
        .toList();
  }

  /** Forgets what has expired. */
  void expire(Instant now) {
    for (Provider provider : List.copyOf(providers.values())) {
      Iterator<Map.Entry<RecordKey, Instant>> oldestFirst = provider.expires.entrySet().iterator();
      List<RecordKey> expired = new ArrayList<>();
      while (oldestFirst.hasNext()) {
        Map.Entry<RecordKey, Instant> record = oldestFirst.next();
        if (record.getValue().isAfter(now)) {
          break;
        }
        expired.add(record.getKey());
      }
      expired.forEach(key -> remove(key, provider));
    }
  }

  int size() {
    return size;
  }
}
