package spegel.e2e.interop;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets threads through while it is open, as it is at first. */
final class Gate {
  private static final long MAX_WAIT_SECONDS = 60;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();

  // Guarded by the lock.
  private boolean open = true;

  /** Opens or closes it. */
  void set(boolean newOpen) {
    lock.lock();
    try {
      open = newOpen;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is open. */
  void pass() throws IOException {
    lock.lock();
    try {
      long leftNanos = TimeUnit.SECONDS.toNanos(MAX_WAIT_SECONDS);
      while (!open) {
        if (leftNanos <= 0) {
          throw new IOException("the gate was not opened");
        }
        leftNanos = opened.awaitNanos(leftNanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted at the gate", e);
    } finally {
      lock.unlock();
    }
  }
}
