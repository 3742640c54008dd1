package spegel.peer;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What has come from one peer, by all relays. */
public final class ReceivedBytes {
  /** Shorter than any silence that a relay takes for a stall. */
  private static final long NOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final AtomicLong total = new AtomicLong();
  private volatile long latestNanos;

  /** Bytes have come, at that time of {@link System#nanoTime}. */
  public void add(int bytes, long nowNanos) {
    latestNanos = nowNanos;
    total.addAndGet(bytes);
  }

  /** All of them. */
  long total() {
    return total.get();
  }

  /** Whether some have come in the last half second. */
  public boolean isFlowing(long nowNanos) {
    return total.get() > 0 && nowNanos - latestNanos < NOW_NANOS;
  }
}
