package spegel.containerd;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.store.Blob;
import spegel.store.ContentStore;
import spegel.store.Inventory;
import spegel.store.StoreIndex;
import spegel.store.StoreLimits;
import spegel.store.StoreListener;
import spegel.store.StoreStatistics;

/**
 * The images of a containerd on this node. Names and digests are kept in memory, by a listing and
 * by containerd's events; blobs are read from its content directory.
 *
 * <p>While containerd is away, content is still found and opened, for a digest vouches for itself;
 * tags do not resolve, since they may have moved. It is connected to again after 50 ms to 10 s, and
 * the listener hears of the difference.
 */
public final class ContainerdStore implements ContentStore {
  private static final Logger log = LoggerFactory.getLogger(ContainerdStore.class);
  private static final long CLOSE_TIMEOUT_MILLIS = 5_000;

  private final StoreIndex index;
  private final Watch watch;
  private final Thread thread;

  /**
   * A store that does nothing before it is started.
   *
   * @param filter what may be served
   * @param findings told, on the store's thread, of what is wrong with containerd's configuration;
   *     of each thing once
   * @param forsaken told, on the store's thread, that the socket was replaced and that this process
   *     can not see the new one; possibly several times
   */
  public ContainerdStore(
      ContainerdOptions options,
      Predicate<Reference> filter,
      Consumer<Finding> findings,
      Runnable forsaken) {
    this(
        options,
        new StoreIndex(filter, StoreLimits.DEFAULT),
        findings,
        forsaken,
        Timings.DEFAULT,
        System::nanoTime,
        RandomGenerator.getDefault());
  }

  ContainerdStore(
      ContainerdOptions options,
      StoreIndex index,
      Consumer<Finding> findings,
      Runnable forsaken,
      Timings timings,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.index = index;
    watch = new Watch(options, index, findings, forsaken, timings, nanoTime, random);
    thread = Thread.ofPlatform().name("containerd-watch").daemon().unstarted(watch);
  }

  @Override
  public void start(StoreListener listener) {
    index.start(listener);
    thread.start();
  }

  @Override
  public boolean connected() {
    return watch.connected();
  }

  @Override
  public Optional<Digest> resolve(Reference tagged) {
    return index.resolve(tagged);
  }

  @Override
  public Optional<Descriptor> find(Digest digest) {
    return index.find(digest);
  }

  @Override
  public Optional<Blob> open(Digest digest) {
    ContentDirectory directory = watch.directory();
    Optional<Descriptor> known = index.find(digest);
    if (directory == null || known.isEmpty()) {
      return Optional.empty();
    }
    Optional<Blob.InFile> blob = directory.open(digest);
    if (blob.isEmpty()) {
      // Garbage collection took it, which no event tells.
      index.removeContent(digest);
      return Optional.empty();
    }
    if (blob.get().size() != known.get().size()) {
      log.atWarn()
          .addKeyValue("digest", digest)
          .addKeyValue("bytes", blob.get().size())
          .addKeyValue("expectedBytes", known.get().size())
          .log("Content has changed its size and is not served");
      blob.get().close();
      index.removeContent(digest);
      return Optional.empty();
    }
    return blob.map(Blob.class::cast);
  }

  @Override
  public StoreStatistics statistics() {
    return index.statistics();
  }

  @Override
  public Inventory inventory(int maxImages) {
    return index.inventory(maxImages);
  }

  @Override
  public void close() {
    watch.close();
    thread.interrupt();
    try {
      thread.join(CLOSE_TIMEOUT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
