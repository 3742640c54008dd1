package spegel.mirror;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Facts that hold for a while. Bounded: the one that was learned longest ago goes first. */
final class ExpiringMap<K, V> {
  private final Duration lifetime;
  private final int maxEntries;
  private final LongSupplier nanoTime;

  // Guarded by this; in the order of learning.
  private final Map<K, Entry<V>> entries = new LinkedHashMap<>();

  private record Entry<V>(V value, long learnedNanos) {}

  ExpiringMap(Duration lifetime, int maxEntries, LongSupplier nanoTime) {
    this.lifetime = lifetime;
    this.maxEntries = maxEntries;
    this.nanoTime = nanoTime;
  }

  synchronized void put(K key, V value) {
    entries.remove(key);
    entries.put(key, new Entry<>(value, nanoTime.getAsLong()));
    if (entries.size() > maxEntries) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  synchronized Optional<V> get(K key) {
    Entry<V> entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (nanoTime.getAsLong() - entry.learnedNanos > lifetime.toNanos()) {
      entries.remove(key);
      return Optional.empty();
    }
    return Optional.of(entry.value);
  }

  boolean contains(K key) {
    return get(key).isPresent();
  }

  synchronized @Nullable V remove(K key) {
    Entry<V> entry = entries.remove(key);
    return entry == null ? null : entry.value;
  }
}
