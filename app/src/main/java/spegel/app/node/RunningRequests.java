package spegel.app.node;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import spegel.http.HttpExchange;
import spegel.http.HttpOutcome;
import spegel.oci.Digest;
import spegel.registry.RegistryObserver;

/** Knows whether content is being asked for or sent, so that the end can wait for it. */
final class RunningRequests implements RegistryObserver {
  private static final String CONTENT_ROUTE = "/v2/*";

  private final RegistryObserver next;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition none = lock.newCondition();
  private int running;

  /**
   * @param next is told of everything, too
   */
  RunningRequests(RegistryObserver next) {
    this.next = next;
  }

  @Override
  public void requestStarted(String route) {
    if (route.equals(CONTENT_ROUTE)) {
      add(1);
    }
    next.requestStarted(route);
  }

  @Override
  public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
    if (outcome.route().equals(CONTENT_ROUTE)) {
      add(-1);
    }
    next.requestEnded(exchange, outcome);
  }

  @Override
  public void mirrorRequest(String registry, boolean hit) {
    next.mirrorRequest(registry, hit);
  }

  @Override
  public void blobForPeer(HttpExchange exchange, Digest digest, long lengthBytes) {
    next.blobForPeer(exchange, digest, lengthBytes);
  }

  private void add(int requests) {
    lock.lock();
    try {
      running += requests;
      if (running == 0) {
        none.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until none runs; returns how many run still, which is 0 unless the time is over. */
  int awaitNone(Duration timeout) throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (running > 0 && nanos > 0) {
        nanos = none.awaitNanos(nanos);
      }
      return running;
    } finally {
      lock.unlock();
    }
  }
}
