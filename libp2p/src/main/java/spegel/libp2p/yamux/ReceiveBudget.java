package spegel.libp2p.yamux;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many received bytes may wait for their readers, on one connection and, through the parent, in
 * all of them. A connection's reader waits when there are more, and the peer's sends stall with it;
 * but a connection of which little waits goes on, whatever others hold.
 */
public final class ReceiveBudget {
  /** What each connection may have, even when all together have too much. */
  static final int RESERVED_BYTES = 16 * 1024;

  private final long maxBytes;
  private final @Nullable ReceiveBudget parent;
  private final AtomicLong heldBytes = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();

  private ReceiveBudget(long maxBytes, @Nullable ReceiveBudget parent) {
    this.maxBytes = maxBytes;
    this.parent = parent;
  }

  /** A budget that stands for itself. */
  public static ReceiveBudget of(long maxBytes) {
    return new ReceiveBudget(maxBytes, null);
  }

  /** A budget whose bytes count in this one, too. */
  public ReceiveBudget child(long childMaxBytes) {
    return new ReceiveBudget(childMaxBytes, this);
  }

  /** The bytes that wait now. */
  public long heldBytes() {
    return heldBytes.get();
  }

  void hold(int bytes) {
    for (ReceiveBudget budget = this; budget != null; budget = budget.parent) {
      budget.heldBytes.addAndGet(bytes);
    }
  }

  void release(int bytes) {
    for (ReceiveBudget budget = this; budget != null; budget = budget.parent) {
      long before = budget.heldBytes.getAndAdd(-bytes);
      long after = before - bytes;
      if (before > budget.maxBytes && after <= budget.maxBytes) {
        budget.signal();
      }
      if (budget.parent != null && before > RESERVED_BYTES && after <= RESERVED_BYTES) {
        budget.parent.signal();
      }
    }
  }

  private void signal() {
    lock.lock();
    try {
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is room here and in the parent; false when there was none in time. */
  boolean awaitRoom(long timeoutMillis) throws InterruptedException {
    long leftNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    for (ReceiveBudget budget = this; budget != null; budget = budget.parent) {
      if (!isFull(budget)) {
        continue;
      }
      budget.lock.lock();
      try {
        while (isFull(budget)) {
          if (leftNanos <= 0) {
            return false;
          }
          leftNanos = budget.released.awaitNanos(leftNanos);
        }
      } finally {
        budget.lock.unlock();
      }
    }
    return true;
  }

  private boolean isFull(ReceiveBudget budget) {
    return budget.heldBytes.get() > budget.maxBytes
        && (budget == this || heldBytes.get() > RESERVED_BYTES);
  }
}
