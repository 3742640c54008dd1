package spegel.http;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Lets one line into the log every 10 s of what others can make happen as often as they like. */
final class LogPace {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong count = new AtomicLong();
  private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

  /** Notes that it has happened; when a line is due, how often it has since the last one. */
  OptionalLong due() {
    count.incrementAndGet();
    long now = System.nanoTime();
    long last = lastNanos.get();
    return now - last >= INTERVAL_NANOS && lastNanos.compareAndSet(last, now)
        ? OptionalLong.of(count.getAndSet(0))
        : OptionalLong.empty();
  }
}
