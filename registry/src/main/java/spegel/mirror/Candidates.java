package spegel.mirror;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import spegel.routing.Lookup;
import spegel.routing.Provider;

/** The providers that a lookup has yielded and nobody has asked yet, as they come. One thread. */
final class Candidates implements AutoCloseable {
  private static final int MAX_WAITING = 32;

  private final Lookup lookup;
  private final Predicate<Provider> usable;
  private final ToDoubleFunction<Provider> cost;
  private final List<Provider> waiting = new ArrayList<>();

  /**
   * @param usable which providers may be asked
   * @param cost the lower, the sooner a provider is asked
   */
  Candidates(Lookup lookup, Predicate<Provider> usable, ToDoubleFunction<Provider> cost) {
    this.lookup = lookup;
    this.usable = usable;
    this.cost = cost;
  }

  /** Waits until there is one, for that long at most; whether there is. */
  boolean await(Duration timeout) throws InterruptedException {
    collect();
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    while (waiting.isEmpty() && !lookup.ended()) {
      long leftNanos = deadlineNanos - System.nanoTime();
      if (leftNanos <= 0) {
        return false;
      }
      add(lookup.next(Duration.ofNanos(leftNanos)));
      collect();
    }
    // The last one may have come just before the lookup ended.
    collect();
    return !waiting.isEmpty();
  }

  /** Takes what has come meanwhile, without waiting. */
  private void collect() throws InterruptedException {
    while (waiting.size() < MAX_WAITING) {
      Optional<Provider> next = lookup.next(Duration.ZERO);
      if (next.isEmpty()) {
        return;
      }
      add(next);
    }
  }

  private void add(Optional<Provider> provider) {
    provider.filter(usable).ifPresent(this::add);
  }

  /** In any order: of those that cost the same, not all nodes are to ask the same one. */
  private void add(Provider provider) {
    waiting.add(ThreadLocalRandom.current().nextInt(waiting.size() + 1), provider);
  }

  /** The best that has come so far, who is a candidate no longer; empty when none is there. */
  Optional<Provider> best() throws InterruptedException {
    collect();
    Optional<Provider> best = waiting.stream().min(Comparator.comparingDouble(cost));
    best.ifPresent(waiting::remove);
    return best;
  }

  /** Whether others could be asked, too. */
  boolean isEmpty() throws InterruptedException {
    collect();
    return waiting.isEmpty();
  }

  @Override
  public void close() {
    lookup.close();
  }
}
