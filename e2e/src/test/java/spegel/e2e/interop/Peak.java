package spegel.e2e.interop;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Watches a number from now on, and knows the highest that it has seen. */
final class Peak implements AutoCloseable {
  private static final long INTERVAL_NANOS = 200_000;

  private final LongSupplier source;
  private final AtomicLong highest = new AtomicLong(Long.MIN_VALUE);
  private final Thread watching;
  private volatile boolean closed;

  private Peak(LongSupplier source) {
    this.source = source;
    this.watching = Thread.ofPlatform().daemon().name("peak").start(this::watch);
  }

  static Peak of(LongSupplier source) {
    return new Peak(source);
  }

  long highest() {
    return highest.get();
  }

  private void watch() {
    while (!closed) {
      highest.accumulateAndGet(source.getAsLong(), Math::max);
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(watching);
  }
}
