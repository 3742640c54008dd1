package spegel.peer;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** How tests wait. */
final class Waiting {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long POLL_MILLIS = 5;

  private Waiting() {}

  /** Waits until it is so. */
  static void until(String what, BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > DEADLINE_NANOS) {
        throw new AssertionError("in vain: " + what);
      }
      pause(POLL_MILLIS);
    }
  }

  /** Lets time pass where the passing of time is what is tested. */
  static void pause(long millis) throws InterruptedException {
    Object monitor = new Object();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    synchronized (monitor) {
      for (long left = millis; left > 0; ) {
        monitor.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      }
    }
  }
}
