package spegel.routing.kad;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import spegel.routing.Lookup;
import spegel.routing.Provider;

/** One search for a key's providers and what it found, for all who look for the key meanwhile. */
final class Search {
  /** More are of no use: callers try few. */
  static final int MAX_PROVIDERS = 32;

  /** With so many found, a search that nobody waits for any more need not go on. */
  private static final int ENOUGH_PROVIDERS = 8;

  private final LongSupplier nanoTime;
  private final long begunNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final List<Provider> found = new ArrayList<>();
  private int lookups;
  private boolean ended;
  private long endedNanos;
  private @Nullable Runnable cancellation;

  Search(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.begunNanos = nanoTime.getAsLong();
  }

  /** How the search is ended before its time, once it runs. */
  void running(Runnable cancel) {
    lock.lock();
    try {
      cancellation = cancel;
    } finally {
      lock.unlock();
    }
  }

  /** A provider was found; gives the time that it took when it is the first. */
  Optional<Duration> add(Provider provider) {
    lock.lock();
    try {
      if (ended || found.size() >= MAX_PROVIDERS) {
        return Optional.empty();
      }
      found.add(provider);
      changed.signalAll();
      return found.size() == 1
          ? Optional.of(Duration.ofNanos(nanoTime.getAsLong() - begunNanos))
          : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      endNow();
    } finally {
      lock.unlock();
    }
  }

  private void endNow() {
    if (!ended) {
      ended = true;
      endedNanos = nanoTime.getAsLong();
      changed.signalAll();
    }
  }

  /** Whether it has ended without a provider. */
  boolean isVain() {
    lock.lock();
    try {
      return ended && found.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it goes on, or ended less than the given time ago, by whether it found anything. */
  boolean isFresh(Duration keepFound, Duration keepVain) {
    lock.lock();
    try {
      Duration keep = found.isEmpty() ? keepVain : keepFound;
      return !ended || nanoTime.getAsLong() - endedNanos < keep.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** A look at the search from its first provider on. */
  Lookup lookup() {
    lock.lock();
    try {
      lookups++;
    } finally {
      lock.unlock();
    }
    return new SharedLookup();
  }

  private final class SharedLookup implements Lookup {
    // Guarded by the lock.
    private int next;
    private boolean closed;

    @Override
    public Optional<Provider> next(Duration timeout) throws InterruptedException {
      long leftNanos = timeout.toNanos();
      lock.lockInterruptibly();
      try {
        while (!closed && next == found.size() && !ended && leftNanos > 0) {
          leftNanos = changed.awaitNanos(leftNanos);
        }
        return closed || next == found.size() ? Optional.empty() : Optional.of(found.get(next++));
      } finally {
        lock.unlock();
      }
    }

    @Override
    public boolean ended() {
      lock.lock();
      try {
        return closed || ended;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      Runnable cancel = null;
      lock.lock();
      try {
        if (closed) {
          return;
        }
        closed = true;
        changed.signalAll();
        boolean last = --lookups == 0;
        if (last && !ended && found.size() >= ENOUGH_PROVIDERS) {
          endNow();
          cancel = cancellation;
        }
      } finally {
        lock.unlock();
      }
      if (cancel != null) {
        cancel.run();
      }
    }
  }
}
