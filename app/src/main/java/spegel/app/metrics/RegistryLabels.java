package spegel.app.metrics;

import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Which registries' names may be a label's value. A stranger chooses a request's registry, so only
 * those count that the configuration or the store knows, at most {@value #MAX_REGISTRIES} of them
 * in the life of the process; the rest are {@value #OTHER}.
 */
final class RegistryLabels {
  static final int MAX_REGISTRIES = 100;
  static final String OTHER = "other";

  private static final long LOOK_PERIOD_MILLIS = 10_000;

  private final Set<String> admitted = ConcurrentHashMap.newKeySet();
  private final Supplier<Set<String>> storeRegistries;
  private final InstantSource clock;

  private volatile Set<String> lastSeen = Set.of();
  private volatile long nextLookMillis;

  /**
   * @param configured admitted from the start
   * @param storeRegistries those of the store, now; counted anew at each call, so called seldom
   */
  RegistryLabels(
      Set<String> configured, Supplier<Set<String>> storeRegistries, InstantSource clock) {
    this.clock = clock;
    configured.stream().sorted().limit(MAX_REGISTRIES).forEach(admitted::add);
    this.storeRegistries = storeRegistries;
  }

  /** The label's value for a registry that somebody named. Cheap for one that is admitted. */
  String label(String registry) {
    if (admitted.contains(registry)) {
      return registry;
    }
    if (admitted.size() < MAX_REGISTRIES && seenInStore().contains(registry)) {
      return admit(registry);
    }
    return OTHER;
  }

  /** A stranger can name an unknown registry in each request: the store is not asked for each. */
  private Set<String> seenInStore() {
    long nowMillis = clock.millis();
    if (nowMillis >= nextLookMillis) {
      nextLookMillis = nowMillis + LOOK_PERIOD_MILLIS;
      lastSeen = storeRegistries.get();
    }
    return lastSeen;
  }

  /** The label's value for a registry that the store has told of. */
  String labelOfStore(String registry) {
    return admitted.contains(registry) ? registry : admit(registry);
  }

  private synchronized String admit(String registry) {
    if (admitted.size() < MAX_REGISTRIES) {
      admitted.add(registry);
    }
    return admitted.contains(registry) ? registry : OTHER;
  }
}
