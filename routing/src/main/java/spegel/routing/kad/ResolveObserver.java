package spegel.routing.kad;

import java.time.Duration;

/** Hears how long the network took. Called on any thread; must not block. */
@FunctionalInterface
public interface ResolveObserver {

  /** A search found its first provider. */
  void resolved(Duration duration);
}
