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
 * that was told first. Guarded by its node's lock.
 */
final class ProviderStore {
  private final Duration lifetime;
  private final int maxRecords;
  private final int maxPerKey;

  private final Map<RecordKey, Map<PeerId, Announced>> byKey = new HashMap<>();

  /** All records, the one told longest ago first. */
  private final Map<Id, Announced> byAge = new LinkedHashMap<>();

  private record Id(RecordKey key, PeerId provider) {}

  private record Announced(KadPeer provider, Instant expires) {}

  ProviderStore(Duration lifetime, int maxRecords, int maxPerKey) {
    this.lifetime = lifetime;
    this.maxRecords = maxRecords;
    this.maxPerKey = maxPerKey;
  }

  void add(RecordKey key, KadPeer provider, Instant now) {
    remove(key, provider.id());
    Map<PeerId, Announced> ofKey = byKey.computeIfAbsent(key, _ -> new LinkedHashMap<>(2));
    if (ofKey.size() >= maxPerKey) {
      remove(key, ofKey.keySet().iterator().next());
      ofKey = byKey.computeIfAbsent(key, _ -> new LinkedHashMap<>(2));
    } else if (byAge.size() >= maxRecords) {
      Id oldest = byAge.keySet().iterator().next();
      remove(oldest.key, oldest.provider);
      ofKey = byKey.computeIfAbsent(key, _ -> new LinkedHashMap<>(2));
    }
    Announced record = new Announced(provider, now.plus(lifetime));
    ofKey.put(provider.id(), record);
    byAge.put(new Id(key, provider.id()), record);
  }

  private void remove(RecordKey key, PeerId provider) {
    Map<PeerId, Announced> ofKey = byKey.get(key);
    if (ofKey != null && ofKey.remove(provider) != null) {
      byAge.remove(new Id(key, provider));
      if (ofKey.isEmpty()) {
        byKey.remove(key);
      }
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
            .map(Announced::provider)
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
