package spegel.tracking;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.routing.Router;
import spegel.store.StoreEvent;
import spegel.store.StoreListener;

/**
 * Has a router advertise what a store has. Each event is logged as it comes, and the router hears
 * of it at once, unless it heard of another just before: then events gather for {@value
 * #PACE_MILLIS} ms, so that a listing of ten thousand keys is a few calls. Of several events of one
 * key only the last counts, so what gathers is bounded by what the store has. Events that come
 * before there is a router gather, too.
 */
public final class Tracker implements StoreListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Tracker.class);

  /** The least time between two calls of the router. */
  static final long PACE_MILLIS = 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition gathered = lock.newCondition();

  // Guarded by the lock.
  private Map<String, StoreEvent.Type> pending = new LinkedHashMap<>();
  private boolean closed;

  /**
   * What the router advertises for this tracker; only the worker, and after it close, look at it.
   */
  private final Set<String> advertised = new HashSet<>();

  private @Nullable Work work;

  /** Who is told, and by which thread. */
  private record Work(Router router, Thread worker) {}

  /** Has the router advertise what events have told and will tell; called once. */
  public void start(Router router) {
    work = new Work(router, Thread.ofVirtual().name("tracker").start(() -> run(router)));
  }

  @Override
  public void onEvent(StoreEvent event) {
    // Guides tell users to look for this line; the field was called "ref" in some releases and
    // "key" in others.
    log.atInfo()
        .addKeyValue("key", event.key())
        .addKeyValue("ref", event.key())
        .addKeyValue("type", event.type())
        .log("OCI event");
    lock.lock();
    try {
      if (!closed) {
        pending.put(event.key(), event.type());
        gathered.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run(Router router) {
    try {
      while (true) {
        pass(router, take());
        Thread.sleep(PACE_MILLIS);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private Map<String, StoreEvent.Type> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (pending.isEmpty()) {
        gathered.await();
      }
      Map<String, StoreEvent.Type> taken = pending;
      pending = new LinkedHashMap<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void pass(Router router, Map<String, StoreEvent.Type> events) {
    List<String> created = new ArrayList<>();
    List<String> deleted = new ArrayList<>();
    events.forEach((key, type) -> (type == StoreEvent.Type.CREATE ? created : deleted).add(key));
    advertised.addAll(created);
    deleted.forEach(advertised::remove);
    pass(created, router::advertise);
    pass(deleted, router::withdraw);
  }

  private static void pass(List<String> keys, Consumer<List<String>> call) {
    if (keys.isEmpty()) {
      return;
    }
    try {
      call.accept(keys);
    } catch (RuntimeException e) {
      // A router that fails once must not be the end of all tracking.
      log.atError().addKeyValue("keys", keys.size()).setCause(e).log("Router refused keys");
    }
  }

  /** Withdraws everything; events that come later are only logged. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    Work ending = work;
    if (ending == null) {
      return;
    }
    ending.worker.interrupt();
    try {
      ending.worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!advertised.isEmpty()) {
      ending.router.withdraw(List.copyOf(advertised));
      advertised.clear();
    }
  }
}
