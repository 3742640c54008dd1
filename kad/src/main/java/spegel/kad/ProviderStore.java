package spegel.kad;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import spegel.libp2p.PeerId;

/**
 * Who has what, as this node was told, for as long as it is believed. Full, it forgets the record
 * that was told first. Where a provider is, it says with each of its records; the last word holds
 * for all, and is kept once: records are many, and the heap is small. Guarded by its node's lock.
 */
final class ProviderStore {
  private final Duration lifetime;
  private final int maxRecords;
  private final int maxPerKey;

  private final Map<RecordKey, Map<PeerId, Announced>> byKey = new HashMap<>();

  /** All records, the one told longest ago first. */
  private final Map<Id, Announced> byAge = new LinkedHashMap<>();

  private final Map<PeerId, Provider> providers = new HashMap<>();

  private record Id(RecordKey key, PeerId provider) {}

  private record Announced(Provider provider, Instant expires) {}

  private static final class Provider {
    final PeerId id;
    KadPeer peer;
    int records;

    Provider(KadPeer peer) {
      this.id = peer.id();
      this.peer = peer;
    }
  }

  ProviderStore(Duration lifetime, int maxRecords, int maxPerKey) {
    this.lifetime = lifetime;
    this.maxRecords = maxRecords;
    this.maxPerKey = maxPerKey;
  }

  void add(RecordKey key, KadPeer peer, Instant now) {
    remove(key, peer.id());
    Map<PeerId, Announced> ofKey = byKey.get(key);
    if (ofKey != null && ofKey.size() >= maxPerKey) {
      remove(key, ofKey.keySet().iterator().next());
    } else if (byAge.size() >= maxRecords) {
      Id oldest = byAge.keySet().iterator().next();
      remove(oldest.key, oldest.provider);
    }
    Provider provider = providers.computeIfAbsent(peer.id(), _ -> new Provider(peer));
    provider.peer = peer;
    provider.records++;
    Announced record = new Announced(provider, now.plus(lifetime));
    byKey.computeIfAbsent(key, _ -> new LinkedHashMap<>(2)).put(provider.id, record);
    byAge.put(new Id(key, provider.id), record);
  }

  private void remove(RecordKey key, PeerId peer) {
    Map<PeerId, Announced> ofKey = byKey.get(key);
    Announced record = ofKey == null ? null : ofKey.remove(peer);
    if (ofKey == null || record == null) {
      return;
    }
    byAge.remove(new Id(key, peer));
    if (ofKey.isEmpty()) {
      byKey.remove(key);
    }
    if (--record.provider.records == 0) {
      providers.remove(peer);
    }
  }

  /** Providers of the key, the latest told first, at most {@code count}. */
  List<KadPeer> find(RecordKey key, Instant now, int count) {
    Map<PeerId, Announced> ofKey = byKey.get(key);
    if (ofKey == null) {
      return List.of();
    }
    return new ArrayList<>(ofKey.values())
        .reversed().stream()
            .filter(record -> record.expires.isAfter(now))
            .limit(count)
            .map(record -> record.provider.peer)
            .toList();
  }

  /** Forgets what has expired. */
  void expire(Instant now) {
    List<Id> expired = new ArrayList<>();
    for (Map.Entry<Id, Announced> entry : byAge.entrySet()) {
      if (entry.getValue().expires.isAfter(now)) {
        break;
      }
      expired.add(entry.getKey());
    }
    expired.forEach(id -> remove(id.key, id.provider));
  }

  int size() {
    return byAge.size();
  }
}
