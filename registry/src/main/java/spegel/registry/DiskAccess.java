package spegel.registry;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import spegel.store.StoreException;

/**
 * Lets a bounded number of requests wait for the disk at one time: a virtual thread that waits for
 * a disk keeps a thread of the system, and there are to be few of those. The others wait for their
 * turn without one, and not for long: containerd does better upstream.
 */
final class DiskAccess {
  static final int MAX_CONCURRENT = 16;
  static final long MAX_WAIT_MILLIS = 5_000;

  private final Semaphore turns;
  private final long maxWaitMillis;

  /**
   * @param maxConcurrent requests at the disk at one time
   * @param maxWaitMillis for a turn
   */
  DiskAccess(int maxConcurrent, long maxWaitMillis) {
    this.turns = new Semaphore(maxConcurrent);
    this.maxWaitMillis = maxWaitMillis;
  }

  /**
   * Runs what reads from the disk; in a virtual thread.
   *
   * @throws StoreException when it is not its turn in time
   */
  <T> T read(Supplier<T> task) {
    try {
      if (!turns.tryAcquire(maxWaitMillis, TimeUnit.MILLISECONDS)) {
        throw new StoreException("the disk is too slow: no turn within " + maxWaitMillis + " ms");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted while waiting for the disk", e);
    }
    try {
      return task.get();
    } finally {
      turns.release();
    }
  }
}
