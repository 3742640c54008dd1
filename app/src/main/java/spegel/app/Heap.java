package spegel.app;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Collects garbage before the heap has grown with it. The serial collector would let the heap grow
 * to its limit first, which is for what many peers may make a node hold at once and six times what
 * usually lives; all that it ever had is memory of the container.
 */
final class Heap {
  /** What to let pass from one look to the next. */
  static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  /** A collection takes 15 ms or so: this much comes first. */
  private static final long MIN_GROWTH_BYTES = 10 << 20;

  /** Within a minute much that lived at the last collection may have become garbage. */
  private static final int LOOKS_UNTIL_AGAIN = 240;

  private final LongSupplier usedBytes;
  private final Runnable collector;

  /** The least that is known to have lived since the last collection. */
  private long livingBytes;

  /** The least that a collection has ever left. */
  private long leastBytes = Long.MAX_VALUE / 2;

  private int looks;

  /**
   * A heap that has not been collected yet.
   *
   * @param usedBytes tells what it holds, living or not
   * @param collector collects all of it, and returns when that is done
   */
  Heap(LongSupplier usedBytes, Runnable collector) {
    this.usedBytes = usedBytes;
    this.collector = collector;
  }

  /** Of this process. */
  static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /**
   * Has it collected when it holds much more than the last collection left, or when that left much,
   * a while ago.
   */
  void look() {
    long used = usedBytes.getAsLong();
    livingBytes = Math.min(livingBytes, used);
    looks++;
    boolean hasGrown = used >= livingBytes + MIN_GROWTH_BYTES;
    boolean leftMuch = livingBytes >= leastBytes + MIN_GROWTH_BYTES;
    if (hasGrown || (leftMuch && looks >= LOOKS_UNTIL_AGAIN)) {
      collector.run();
      livingBytes = usedBytes.getAsLong();
      leastBytes = Math.min(leastBytes, livingBytes);
      looks = 0;
    }
  }
}
