package spegel.routing.kad;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The searches under way and those just ended, by key, so that concurrent callers share one and the
 * next need none. What a node has just pulled must be found at once: a search that found nothing is
 * kept for a moment only, and not even that when this node was told of a provider meanwhile.
 */
final class SearchCache {
  static final Duration KEEP_FOUND = Duration.ofSeconds(5);
  static final Duration KEEP_VAIN = Duration.ofMillis(100);

  private final int maxSearches;
  private final LongSupplier nanoTime;

  // Guarded by this; the one used longest ago first.
  private final Map<String, Search> byKey = new LinkedHashMap<>(16, 0.75f, true);

  SearchCache(int maxSearches, LongSupplier nanoTime) {
    this.maxSearches = maxSearches;
    this.nanoTime = nanoTime;
  }

  /**
   * A search for a key.
   *
   * @param search it
   * @param isNew whether the caller has to make it run
   */
  record Entry(Search search, boolean isNew) {}

  /**
   * The search that serves the key.
   *
   * @param hasProvider tells whether this node itself knows a provider now
   */
  Entry find(String key, BooleanSupplier hasProvider) {
    Search known;
    synchronized (this) {
      known = byKey.get(key);
      if (known == null || !known.isFresh(KEEP_FOUND, KEEP_VAIN)) {
        return new Entry(put(key), true);
      }
    }
    // Asked without the lock, since the answer needs another.
    if (!known.isVain() || !hasProvider.getAsBoolean()) {
      return new Entry(known, false);
    }
    synchronized (this) {
      Search latest = byKey.get(key);
      return latest == known || latest == null
          ? new Entry(put(key), true)
          : new Entry(latest, false);
    }
  }

  private Search put(String key) {
    Search search = new Search(nanoTime);
    byKey.put(key, search);
    if (byKey.size() > maxSearches) {
      byKey.remove(byKey.keySet().iterator().next());
    }
    return search;
  }
}
