package spegel.containerd;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import spegel.store.StoreException;
import spegel.store.StoreIndex;

/**
 * Keeps the index true for as long as the store is open: connects to containerd, follows it, and
 * after a loss connects again. Runs on a thread of its own, since the first call loads a thousand
 * classes and every listing reads the disk.
 */
final class Watch implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Watch.class);

  private final ContainerdOptions options;
  private final StoreIndex index;
  private final Consumer<Finding> findings;
  private final Runnable forsaken;
  private final Timings timings;
  private final LongSupplier nanoTime;
  private final Backoff backoff;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<Finding> told = new HashSet<>();

  private volatile boolean connected;
  private volatile @Nullable ContentDirectory directory;

  /** Whether the log was told that containerd is away; it is told once for each time. */
  private boolean outageTold;

  /** When the connection was complete; null while it is not. */
  private @Nullable Long connectedNanos;

  Watch(
      ContainerdOptions options,
      StoreIndex index,
      Consumer<Finding> findings,
      Runnable forsaken,
      Timings timings,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.options = options;
    this.index = index;
    this.findings = findings;
    this.forsaken = forsaken;
    this.timings = timings;
    this.nanoTime = nanoTime;
    backoff = new Backoff(timings.minBackoffMillis(), timings.maxBackoffMillis(), random);
  }

  /** Whether everything is listed and events arrive. */
  boolean connected() {
    return connected;
  }

  /** Where the content is, as last found out; null before the first connection. */
  @Nullable ContentDirectory directory() {
    return directory;
  }

  /** Asks the thread to end; it has to be interrupted as well. */
  void close() {
    closed.countDown();
  }

  @Override
  public void run() {
    index.suspendTags();
    try (UnixTransport transport = new UnixTransport()) {
      do {
        connect(transport);
        lost();
        resetBackoff();
      } while (!closed.await(backoff.nextMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      // Asked to end by close().
      Thread.currentThread().interrupt();
    } finally {
      lost();
    }
  }

  private void connect(UnixTransport transport) throws InterruptedException {
    ManagedChannel channel = transport.channel(options.socket());
    try (ContainerdClient client = new ContainerdClient(channel, options.namespace());
        ChangeStream changes = client.subscribe(this::lost)) {
      follow(client, changes);
    } catch (WrongContentPathException e) {
      tell(e.finding());
    } catch (StoreException e) {
      failed(e);
    } catch (RuntimeException e) {
      // A defect of ours must not end the mirror; the next attempt lists everything anew.
      log.atError().setCause(e).log("containerd store failed");
    }
  }

  private void follow(ContainerdClient client, ChangeStream changes) throws InterruptedException {
    String version = client.version();
    ContentPath contentPath = ContentPath.of(options, client);
    directory = contentPath.directory();
    Session session =
        new Session(
            new Connection(client, changes, contentPath),
            index,
            timings,
            nanoTime,
            () -> check(client));
    session.begin();
    connected = !changes.ended();
    connectedNanos = nanoTime.getAsLong();
    outageTold = false;
    log.atInfo()
        .addKeyValue("socket", options.socket())
        .addKeyValue("version", version)
        .addKeyValue("contentPath", contentPath.directory().path())
        .log("containerd connected");
    session.follow();
  }

  /** Called on the event loop as soon as the events end, and on the watch's own thread. */
  private void lost() {
    connected = false;
    index.suspendTags();
  }

  /** A connection that lasted makes the next failure a first one; a short one does not. */
  private void resetBackoff() {
    Long since = connectedNanos;
    connectedNanos = null;
    long minNanos = TimeUnit.MILLISECONDS.toNanos(timings.maxBackoffMillis());
    if (since != null && nanoTime.getAsLong() - since >= minNanos) {
      backoff.reset();
    }
  }

  private void check(ContainerdClient client) {
    try {
      RuntimeCheck.findings(client, options).forEach(this::tell);
    } catch (StoreException e) {
      // The CRI plugin starts later than its containerd; it is asked again with the next listing.
      log.atDebug().addKeyValue("reason", e.getMessage()).log("containerd not checked");
    }
  }

  private void tell(Finding finding) {
    if (told.add(finding)) {
      findings.accept(finding);
    }
  }

  private void failed(StoreException e) {
    if (closed.getCount() == 0) {
      return;
    }
    if (isForsaken(options.socket())) {
      forsaken.run();
    }
    boolean first = !outageTold;
    outageTold = true;
    log.atLevel(first ? Level.WARN : Level.DEBUG)
        .addKeyValue("socket", options.socket())
        .addKeyValue("reason", reason(options.socket(), e))
        .log("containerd not connected, trying again");
  }

  /**
   * Whether the socket has no name any more. A container has the file that was mounted when it
   * started: when containerd starts anew and puts another in its place, the container goes on
   * seeing the first one, at which nobody listens.
   */
  private static boolean isForsaken(Path socket) {
    try {
      return Files.getAttribute(socket, "unix:nlink") instanceof Integer links && links == 0;
    } catch (IOException | UnsupportedOperationException e) {
      return false; // There is none at all, or this is no Unix.
    }
  }

  private static String reason(Path socket, StoreException e) {
    if (!Files.exists(socket)) {
      return "there is no socket "
          + socket
          + ": is containerd running, is its socket mounted here, is --containerd-sock right?";
    }
    return String.valueOf(e.getMessage());
  }
}
