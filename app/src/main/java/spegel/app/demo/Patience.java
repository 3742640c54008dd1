package spegel.app.demo;

import java.io.IOException;
import java.time.Duration;

/** Waits until something has come true that tells nobody of itself. */
final class Patience {
  private static final Duration PERIOD = Duration.ofMillis(2);

  private Patience() {}

  /** What is waited for. */
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Waits; gives whether it has come true in time. */
  static boolean await(Duration timeout, Condition condition)
      throws IOException, InterruptedException {
    long endNanos = System.nanoTime() + timeout.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - endNanos > 0) {
        return false;
      }
      Thread.sleep(PERIOD);
    }
    return true;
  }
}
