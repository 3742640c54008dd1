package spegel.mirror;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import spegel.routing.Provider;
import spegel.store.StoreEvent;
import spegel.store.StoreListener;

/**
 * What clients were lately given in full, and by whom. A client that asks for it again in the same
 * words must have found it wrong, unless this node's store has it meanwhile: a runtime verifies
 * what it stores, so it was right, and has been deleted since. Bounded; safe for many threads.
 */
public final class Deliveries implements StoreListener {
  /** How soon a client that found a blob wrong asks again. */
  private static final Duration LIFETIME = Duration.ofMinutes(2);

  private static final int MAX_BLOBS = 4096;
  private static final int MAX_RANGES = 256;

  /** By digest as text; the values are guarded by this. */
  private final ExpiringMap<String, Map<String, Delivery>> byDigest;

  /**
   * What a client was given in full.
   *
   * @param givers who gave parts of it
   * @param audited whether they were audited before
   */
  record Delivery(List<Provider> givers, boolean audited) {}

  public Deliveries() {
    this(System::nanoTime);
  }

  Deliveries(LongSupplier nanoTime) {
    this.byDigest = new ExpiringMap<>(LIFETIME, MAX_BLOBS, nanoTime);
  }

  /**
   * A client was given all of the range.
   *
   * @param digest as text
   * @param range the Range field's value; empty for the whole blob
   */
  synchronized void add(String digest, String range, Delivery delivery) {
    Map<String, Delivery> ranges = byDigest.get(digest).orElseGet(LinkedHashMap::new);
    ranges.put(range, delivery);
    if (ranges.size() > MAX_RANGES) {
      ranges.remove(ranges.keySet().iterator().next());
    }
    byDigest.put(digest, ranges);
  }

  /** A client was not given all of a range: that is why it asks for others again. */
  synchronized void brokenOff(String digest) {
    byDigest.remove(digest);
  }

  /** How the range was given, if it was lately; that is then forgotten. */
  synchronized @Nullable Delivery take(String digest, String range) {
    return byDigest.get(digest).map(ranges -> ranges.remove(range)).orElse(null);
  }

  @Override
  public synchronized void onEvent(StoreEvent event) {
    if (event.type() == StoreEvent.Type.CREATE) {
      byDigest.remove(event.key());
    }
  }
}
