package spegel.app;

import java.util.function.LongSupplier;

/**
 * Collects garbage before the heap has grown with it. The serial collector would let the heap grow
 * to its limit first, which is for what many peers may make a node hold at once and six times what
 * usually lives; all that it ever had is memory of the container.
 */
final class Heap {
  /** A collection takes 15 ms or so: this much comes first. */
  private static final long MIN_GROWTH_BYTES = 10 << 20;

  private final LongSupplier usedBytes;
  private final Runnable collector;
  private long livingBytes;

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

  /** Has it collected when it holds much more than the last collection left. */
  void collectWhenGrown() {
    if (usedBytes.getAsLong() >= livingBytes + MIN_GROWTH_BYTES) {
      collector.run();
      livingBytes = usedBytes.getAsLong();
    }
  }
}
