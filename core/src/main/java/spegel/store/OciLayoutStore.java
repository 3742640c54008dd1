package spegel.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.LayoutIndex;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;

/**
 * The images of an OCI image-layout directory, which is watched for changes and listed anew when
 * there are any. While its {@code index.json} is missing or malformed, as it is while a tool writes
 * it, the images that it listed before stay.
 */
public final class OciLayoutStore implements ContentStore {
  private static final Logger log = LoggerFactory.getLogger(OciLayoutStore.class);
  private static final long CLOSE_TIMEOUT_MILLIS = 5_000;

  /** When to look again after a listing that did not succeed. */
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(1);

  private final LayoutDirectory layout;
  private final StoreIndex index;
  private final Duration relistingPeriod;
  private final Thread thread;

  private volatile boolean connected;
  private volatile boolean closed;

  // Used by the thread only.
  private @Nullable LayoutIndex lastIndex;
  private boolean indexFailureTold;
  private boolean nameTold;

  /**
   * @param directory the layout
   * @param filter what may be served
   * @throws StoreException when the directory is not an image layout; the message says why
   */
  public OciLayoutStore(Path directory, Predicate<Reference> filter) {
    this(directory, filter, RELISTING_PERIOD);
  }

  OciLayoutStore(Path directory, Predicate<Reference> filter, Duration relistingPeriod) {
    this.layout = LayoutDirectory.open(directory);
    this.index = new StoreIndex(filter, StoreLimits.DEFAULT);
    this.relistingPeriod = relistingPeriod;
    this.thread = Thread.ofPlatform().name("oci-layout-watch").daemon().unstarted(this::watch);
  }

  @Override
  public void start(StoreListener listener) {
    index.start(listener);
    thread.start();
  }

  private void watch() {
    try (DirectoryWatch watch = new DirectoryWatch(layout.root().getFileSystem())) {
      while (!closed) {
        // Watched first, then listed: what changes in between is listed once more.
        watch.register(layout.watched());
        long startNanos = System.nanoTime();
        boolean listed = list();
        Duration took = Duration.ofNanos(System.nanoTime() - startNanos);
        watch.await(listed ? relistingPeriod : RETRY_PERIOD, took);
      }
    } catch (InterruptedException e) {
      // Closed.
    } catch (IOException | RuntimeException e) {
      log.atError()
          .addKeyValue("directory", layout.root())
          .setCause(e)
          .log("Image layout no longer watched");
    } finally {
      connected = false;
      index.suspendTags();
    }
  }

  /** Returns whether the index could be read, so that the listing is true. */
  private boolean list() {
    boolean read = readIndex();
    LayoutIndex known = lastIndex;
    if (known == null) {
      return false;
    }
    LayoutListing listing = LayoutListing.of(known, layout, StoreLimits.DEFAULT);
    index.replace(listing.listing());
    connected = true;
    listing
        .unreadable()
        .ifPresent(
            failure ->
                log.atWarn()
                    .addKeyValue("directory", layout.root())
                    .addKeyValue("reason", failure.getMessage())
                    .log("Image layout has content that is not served"));
    if (listing.leftOut() > 0) {
      log.atWarn()
          .addKeyValue("directory", layout.root())
          .addKeyValue("leftOut", listing.leftOut())
          .addKeyValue("limits", StoreLimits.DEFAULT)
          .log("Image layout has more images than are kept track of; some are not served");
    }
    listing.withoutRepository().ifPresent(this::tellName);
    return read;
  }

  private boolean readIndex() {
    try {
      lastIndex = layout.index();
      indexFailureTold = false;
      return true;
    } catch (OciFormatException | StoreException e) {
      if (!indexFailureTold) {
        indexFailureTold = true;
        log.atWarn()
            .addKeyValue("directory", layout.root())
            .addKeyValue("reason", e.getMessage())
            .log("Image layout's index not read, what it listed before stays");
      }
      return false;
    }
  }

  private void tellName(String name) {
    if (!nameTold) {
      nameTold = true;
      log.atInfo()
          .addKeyValue("directory", layout.root())
          .addKeyValue("name", OciFormatException.quote(name))
          .log(
              "Image layout has names without a repository, such as a tag alone;"
                  + " their images are served by digest only");
    }
  }

  @Override
  public boolean connected() {
    return connected;
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
    Optional<Descriptor> known = index.find(digest);
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Optional<Blob> blob = layout.blob(digest);
    if (blob.isPresent() && blob.get().size() == known.get().size()) {
      return blob;
    }
    blob.ifPresent(Blob::close);
    index.removeContent(digest);
    return Optional.empty();
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
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_TIMEOUT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
