package spegel.store;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events on their way to the listener; used under the index's lock. */
final class EventQueue {
  private static final Logger log = LoggerFactory.getLogger(EventQueue.class);

  private final Queue<StoreEvent> pending = new ArrayDeque<>();
  private @Nullable StoreListener listener;
  private boolean delivering;

  void start(StoreListener newListener) {
    if (listener != null) {
      throw new IllegalStateException("the store has been started before");
    }
    listener = newListener;
  }

  void created(String key) {
    add(StoreEvent.Type.CREATE, key);
  }

  void deleted(String key) {
    add(StoreEvent.Type.DELETE, key);
  }

  private void add(StoreEvent.Type type, String key) {
    if (listener != null) {
      pending.add(new StoreEvent(type, key));
    }
  }

  /**
   * Delivers all that is pending. A listener that changes the index comes back here, and finds its
   * events delivered after those that it was called with.
   */
  void deliver() {
    StoreListener receiver = listener;
    if (receiver == null || delivering) {
      return;
    }
    delivering = true;
    try {
      for (StoreEvent event = pending.poll(); event != null; event = pending.poll()) {
        deliver(receiver, event);
      }
    } finally {
      delivering = false;
    }
  }

  private static void deliver(StoreListener receiver, StoreEvent event) {
    try {
      receiver.onEvent(event);
    } catch (RuntimeException e) {
      // One event that could not be handled must not keep the later ones, or the index, from going
      // on.
      log.atError().addKeyValue("key", event.key()).setCause(e).log("Store event not handled");
    }
  }
}
