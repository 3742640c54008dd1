package spegel.tracking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.routing.Lookup;
import spegel.routing.Router;
import spegel.store.StoreEvent;

@Timeout(30)
final class TrackerTest {
  private static StoreEvent created(String key) {
    return new StoreEvent(StoreEvent.Type.CREATE, key);
  }

  private static StoreEvent deleted(String key) {
    return new StoreEvent(StoreEvent.Type.DELETE, key);
  }

  /** Notes its calls; the first can be held up. */
  private static final class RecordingRouter implements Router {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch released = new CountDownLatch(1);
    final AtomicInteger failures = new AtomicInteger();
    private final List<List<String>> calls = new ArrayList<>();
    private final Set<String> keys = new TreeSet<>();

    @Override
    public boolean ready() {
      return true;
    }

    @Override
    public void advertise(Collection<String> added) {
      entered.countDown();
      try {
        assertTrue(released.await(20, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (failures.get() > 0) {
        failures.decrementAndGet();
        throw new IllegalStateException("expected by this test");
      }
      change(() -> keys.addAll(added), added);
    }

    @Override
    public void withdraw(Collection<String> removed) {
      change(() -> keys.removeAll(removed), removed);
    }

    private synchronized void change(Runnable change, Collection<String> named) {
      change.run();
      calls.add(List.copyOf(named));
      notifyAll();
    }

    synchronized Set<String> awaitCalls(int count) throws InterruptedException {
      while (calls.size() < count) {
        wait();
      }
      return new TreeSet<>(keys);
    }

    synchronized int callCount() {
      return calls.size();
    }

    @Override
    public Lookup lookup(String key) {
      throw new UnsupportedOperationException("a tracker does not look up");
    }

    @Override
    public void close() {}
  }

  private static Tracker started(Router router) {
    Tracker tracker = new Tracker();
    tracker.start(router);
    return tracker;
  }

  @Test
  void onEvent_gathers_whileThereIsNoRouter() throws Exception {
    RecordingRouter router = new RecordingRouter();
    router.released.countDown();
    try (Tracker tracker = new Tracker()) {
      tracker.onEvent(created("r/a:1"));
      tracker.onEvent(created("r/b:1"));
      tracker.onEvent(deleted("r/b:1"));
      tracker.start(router);
      assertEquals(Set.of("r/a:1"), router.awaitCalls(2));
    }
  }

  @Test
  void close_isQuiet_whenThereNeverWasARouter() {
    Tracker tracker = new Tracker();
    tracker.onEvent(created("r/a:1"));
    tracker.close();
  }

  @Test
  void onEvent_gathers_whileTheRouterIsBusy() throws Exception {
    RecordingRouter router = new RecordingRouter();
    try (Tracker tracker = started(router)) {
      tracker.onEvent(created("r/a:1"));
      assertTrue(router.entered.await(10, TimeUnit.SECONDS));
      for (int i = 0; i < 10_000; i++) {
        tracker.onEvent(created("r/b:" + i));
      }
      tracker.onEvent(deleted("r/a:1"));
      tracker.onEvent(created("r/c:1"));
      tracker.onEvent(deleted("r/c:1"));
      router.released.countDown();
      Set<String> keys = router.awaitCalls(3);
      assertEquals(10_000, keys.size());
      assertTrue(!keys.contains("r/a:1") && !keys.contains("r/c:1"));
      assertEquals(3, router.callCount());
    }
  }

  @Test
  void onEvent_passesAListingInFewCalls_whenTheRouterIsQuick() throws Exception {
    RecordingRouter router = new RecordingRouter();
    router.released.countDown();
    try (Tracker tracker = started(router)) {
      for (int i = 0; i < 10_000; i++) {
        tracker.onEvent(created("r/b:" + i));
      }
      while (router.awaitCalls(1).size() < 10_000) {
        Thread.onSpinWait();
      }
      assertTrue(router.callCount() < 500, "calls: " + router.callCount());
    }
  }

  @Test
  void onEvent_isPassed_afterTheRouterHasFailed() throws Exception {
    RecordingRouter router = new RecordingRouter();
    router.released.countDown();
    router.failures.set(1);
    try (Tracker tracker = started(router)) {
      tracker.onEvent(created("r/a:1"));
      while (router.failures.get() > 0) {
        Thread.onSpinWait();
      }
      tracker.onEvent(created("r/b:1"));
      assertEquals(Set.of("r/b:1"), router.awaitCalls(1));
    }
  }

  @Test
  void close_withdrawsEverything() throws Exception {
    RecordingRouter router = new RecordingRouter();
    router.released.countDown();
    Tracker tracker = started(router);
    tracker.onEvent(created("r/a:1"));
    assertEquals(Set.of("r/a:1"), router.awaitCalls(1));
    tracker.close();
    assertEquals(Set.of(), router.awaitCalls(2));
    tracker.onEvent(created("r/late:1"));
    assertEquals(2, router.callCount());
  }
}
