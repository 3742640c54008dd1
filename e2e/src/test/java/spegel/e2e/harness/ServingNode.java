package spegel.e2e.harness;

/** A node of a cluster, seen by those whom it serves; which program it is does not matter. */
public interface ServingNode extends AutoCloseable {
  /** A client of its registry. */
  RegistryClient registry();

  /** Whether it says that it is ready. */
  default boolean ready() {
    return registry().answers("/readyz");
  }

  /** Ends it in good order. */
  @Override
  void close();
}
