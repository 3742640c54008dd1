package spegel.app.node;

import java.util.function.BooleanSupplier;
import spegel.routing.Router;
import spegel.store.ContentStore;

/**
 * Whether requests should come: the store has been listed, once, and lookups can succeed. A store
 * that is lost later does not count, because what is on disk is served all the same, and a node
 * that is not ready would be left out of the mirrors.
 */
final class Readiness implements BooleanSupplier {
  private final ContentStore store;
  private final Router router;
  private volatile boolean listed;

  Readiness(ContentStore store, Router router) {
    this.store = store;
    this.router = router;
  }

  @Override
  public boolean getAsBoolean() {
    if (!listed && store.connected()) {
      listed = true;
    }
    return listed && router.ready();
  }
}
