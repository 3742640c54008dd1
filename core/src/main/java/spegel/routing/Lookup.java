package spegel.routing;

import java.time.Duration;
import java.util.Optional;

/**
 * A search for providers under way, which yields them one by one as they are found. Closing it ends
 * the search.
 */
public interface Lookup extends AutoCloseable {

  /**
   * Waits for the next provider.
   *
   * @param timeout how long to wait at most
   * @return the provider; empty when there are no more, or none came in time
   * @throws InterruptedException when the waiting thread is interrupted
   */
  Optional<Provider> next(Duration timeout) throws InterruptedException;

  /** Whether no provider will come besides those that have been found already. */
  boolean ended();

  @Override
  void close();
}
