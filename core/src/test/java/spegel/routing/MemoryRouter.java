package spegel.routing;

import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.Optional;

/**
 * A router among the nodes of one process. It is ready at once, and a lookup yields what is
 * announced when it begins.
 */
public final class MemoryRouter implements Router {
  private final MemoryNetwork network;
  private final Provider self;

  /** A node of the network. */
  public MemoryRouter(MemoryNetwork network, Provider self) {
    this.network = network;
    this.self = self;
  }

  @Override
  public boolean ready() {
    return true;
  }

  @Override
  public void advertise(Collection<String> keys) {
    keys.forEach(MemoryRouter::requireKey);
    network.add(keys, self);
  }

  @Override
  public void withdraw(Collection<String> keys) {
    network.remove(keys, self);
  }

  @Override
  public Lookup lookup(String key) {
    requireKey(key);
    Iterator<Provider> found = network.find(key, self).iterator();
    return new Lookup() {
      @Override
      public Optional<Provider> next(Duration timeout) {
        return found.hasNext() ? Optional.of(found.next()) : Optional.empty();
      }

      @Override
      public boolean ended() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  private static void requireKey(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_CHARS) {
      throw new IllegalArgumentException("a key of " + key.length() + " characters");
    }
  }

  @Override
  public void close() {
    network.removeAll(self);
  }
}
