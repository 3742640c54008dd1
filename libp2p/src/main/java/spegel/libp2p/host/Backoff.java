package spegel.libp2p.host;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Whoever did not answer, and how long he is left alone: 1 s after the first failure, twice as long
 * after each further one, up to a minute, until he is heard of. Safe for use by many threads.
 *
 * @param <K> what is left alone
 */
public final class Backoff<K> {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration MAX = Duration.ofSeconds(60);
  private static final int MAX_PAUSES = 4096;

  private final InstantSource clock;

  // Guarded by this; eldest first, so that the bound drops what matters least.
  private final Map<K, Pause> pauses = new LinkedHashMap<>();

  private record Pause(Instant until, Duration length) {}

  /** Nobody is left alone yet. */
  public Backoff(InstantSource clock) {
    this.clock = clock;
  }

  /** How long it is still left alone; empty when it may be tried. */
  public synchronized Optional<Duration> remaining(K key) {
    Pause pause = pauses.get(key);
    if (pause == null || !pause.until.isAfter(clock.instant())) {
      return Optional.empty();
    }
    return Optional.of(Duration.between(clock.instant(), pause.until));
  }

  /** It did not answer. */
  public synchronized void failed(K key) {
    Pause before = pauses.remove(key);
    Duration length = before == null ? FIRST : before.length.multipliedBy(2);
    if (length.compareTo(MAX) > 0) {
      length = MAX;
    }
    if (pauses.size() >= MAX_PAUSES) {
      pauses.remove(pauses.keySet().iterator().next());
    }
    pauses.put(key, new Pause(clock.instant().plus(length), length));
  }

  /** It is there. */
  public synchronized void succeeded(K key) {
    pauses.remove(key);
  }

  /** All these are there. */
  synchronized void succeededIf(Predicate<K> there) {
    pauses.keySet().removeIf(there);
  }
}
