package spegel.store;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Waits for changes in a few directories, and for the end of a burst of them. */
final class DirectoryWatch implements AutoCloseable {

  /** A burst is over when nothing has changed for so long. */
  private static final long QUIET_MILLIS = 20;

  /** A burst that does not end is not waited for longer, unless listing takes long itself. */
  private static final long MAX_BURST_MILLIS = 500;

  /** Listing takes at most one part in so many of the time. */
  private static final int LISTING_SHARE = 4;

  private final WatchService service;

  DirectoryWatch(FileSystem fileSystem) throws IOException {
    this.service = fileSystem.newWatchService();
  }

  /** Watches these, too; those already watched stay so, those not there are left out. */
  void register(List<Path> directories) throws IOException {
    for (Path directory : directories) {
      try {
        directory.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
      } catch (NoSuchFileException e) {
        // Gone since it was seen; its parent tells when it comes back.
      }
    }
  }

  /**
   * Waits for a change and for the end of its burst, or for the time-out.
   *
   * @param listing how long listing took, which sets how often it may be done
   */
  void await(Duration timeout, Duration listing) throws InterruptedException {
    WatchKey first = service.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (first == null) {
      return;
    }
    consume(first);
    long quietMillis = Math.max(QUIET_MILLIS, (LISTING_SHARE - 1) * listing.toMillis());
    long endNanos =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.max(MAX_BURST_MILLIS, quietMillis));
    WatchKey next = service.poll(quietMillis, TimeUnit.MILLISECONDS);
    while (next != null) {
      consume(next);
      next = System.nanoTime() < endNanos ? service.poll(quietMillis, TimeUnit.MILLISECONDS) : null;
    }
  }

  private static void consume(WatchKey key) {
    // What changed does not matter, and an overflow is a change as well.
    key.pollEvents();
    key.reset();
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
