package spegel.peer;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** What has come from one peer, by all relays. */
public final class ReceivedBytes {
  /** Far shorter than any silence that a relay takes for a stall. */
  private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private static final long MARK_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

  /** What a link gives that is full, and not slow. */
  private static final long FLOW_BYTES_PER_SECOND = 512 * 1024;

  /**
   * What had come by when.
   *
   * @param beforeTotal at the mark before
   */
  private record Mark(long nanos, long total, long beforeNanos, long beforeTotal) {}

  private final AtomicLong total = new AtomicLong();
  private final AtomicReference<Mark> latestMark;
  private volatile long latestNanos;

  /** None yet, at that time of {@link System#nanoTime}. */
  public ReceivedBytes(long nowNanos) {
    latestMark = new AtomicReference<>(new Mark(nowNanos, 0, nowNanos, 0));
  }

  /** Bytes have come, at that time of {@link System#nanoTime}. */
  public void add(int bytes, long nowNanos) {
    long sum = total.addAndGet(bytes);
    latestNanos = nowNanos;
    Mark mark = latestMark.get();
    if (nowNanos - mark.nanos >= MARK_NANOS) {
      latestMark.compareAndSet(mark, new Mark(nowNanos, sum, mark.nanos, mark.total));
    }
  }

  /** All of them. */
  long total() {
    return total.get();
  }

  /** Whether they come just now, and not in drops. */
  public boolean isFlowing(long nowNanos) {
    Mark mark = latestMark.get();
    long bytes = total.get() - mark.beforeTotal;
    double seconds = (nowNanos - mark.beforeNanos) / 1e9;
    return bytes > 0
        && nowNanos - latestNanos < SILENCE_NANOS
        && bytes >= seconds * FLOW_BYTES_PER_SECOND;
  }
}
