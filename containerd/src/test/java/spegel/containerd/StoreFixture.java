package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.store.StoreEvent;
import spegel.store.StoreIndex;
import spegel.store.StoreLimits;

/** A store with a server to itself, and all that it tells. */
final class StoreFixture implements AutoCloseable {
  /** Nothing happens by itself within a test's time. */
  static final Timings QUIET = new Timings(600_000, 600_000, 5, 40, 5, 12);

  private static final long DEADLINE_SECONDS = 20;

  final ContainerdServer server;
  final ContainerdStore store;
  final List<String> events = new CopyOnWriteArrayList<>();
  final List<Finding> findings = new CopyOnWriteArrayList<>();

  StoreFixture(Path directory) {
    this(directory, QUIET, reference -> true, directory.resolve("content"));
  }

  StoreFixture(
      Path directory, Timings timings, Predicate<Reference> filter, @Nullable Path contentPath) {
    server = new ContainerdServer(directory);
    ContainerdOptions options =
        new ContainerdOptions(
            server.socket(),
            ContainerdServer.NAMESPACE,
            contentPath,
            Path.of("/etc/containerd/certs.d"),
            directory.resolve("config.toml"));
    store =
        new ContainerdStore(
            options,
            new StoreIndex(filter, StoreLimits.DEFAULT),
            findings::add,
            () -> {},
            timings,
            System::nanoTime,
            new Random(1));
  }

  /** Starts the server and the store, and waits until all is listed. */
  StoreFixture connect() throws IOException {
    server.start();
    startStore();
    await("connected", store::connected);
    await("subscribed", server::subscribed);
    return this;
  }

  void startStore() {
    store.start(event -> events.add(event.type() + " " + event.key()));
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "not in time: " + what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }

  void awaitEvent(StoreEvent.Type type, Object key) {
    String expected = type + " " + key;
    await(expected + " in " + events, () -> events.contains(expected));
  }

  boolean resolvesTo(String name, Digest digest) {
    return store.resolve(Reference.parse(name)).filter(digest::equals).isPresent();
  }

  boolean resolves(String name) {
    return store.resolve(Reference.parse(name)).isPresent();
  }

  @Override
  public void close() {
    store.close();
    server.close();
  }
}
