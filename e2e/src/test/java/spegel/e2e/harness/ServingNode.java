package spegel.e2e.harness;

import java.io.UncheckedIOException;

/** A node of a cluster, seen by those whom it serves; which program it is does not matter. */
public interface ServingNode extends AutoCloseable {
  /** A client of its registry. */
  RegistryClient registry();

  /** Whether it says that it is ready. */
  default boolean ready() {
    try {
      return registry().get("/readyz").statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false; // Not listening yet.
    }
  }

  /** Ends it in good order. */
  @Override
  void close();
}
