package spegel.app.cleanup;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until all nodes have cleaned up: until, several times in a row, a name resolves and each of
 * its addresses answers {@code GET /readyz} with 200. An error of the name service or of one
 * address begins the count anew, because nodes come and go meanwhile.
 */
public final class CleanupWait {
  private static final Logger log = LoggerFactory.getLogger(CleanupWait.class);

  private static final int PROBE_TIMEOUT_MILLIS = 1000;
  private static final int MAX_CONCURRENT_PROBES = 10;

  /** The addresses of a name, asked anew each time. */
  interface Resolver {
    List<InetAddress> resolve(String host) throws UnknownHostException;
  }

  /** Lets time pass. */
  interface Pause {
    void sleep(Duration duration) throws InterruptedException;
  }

  private final String host;
  private final int port;
  private final Resolver resolver;
  private final InstantSource clock;
  private final Pause pause;

  /** The nodes that a name resolves to, by the name service of this machine. */
  public CleanupWait(String host, int port) {
    this(host, port, new FreshNames(), InstantSource.system(), Thread::sleep);
  }

  CleanupWait(String host, int port, Resolver resolver, InstantSource clock, Pause pause) {
    this.host = host;
    this.port = port;
    this.resolver = resolver;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Returns when all nodes have answered {@code threshold} times in a row.
   *
   * @param threshold at least 1
   * @param period the time from one look to the next, the first being at once
   * @throws InterruptedException when the wait is given up
   */
  public void await(int threshold, Duration period) throws InterruptedException {
    int inARow = 0;
    while (true) {
      long startMillis = clock.millis();
      Optional<String> failure = look();
      if (failure.isPresent()) {
        inARow = 0;
        log.atWarn().addKeyValue("reason", failure.get()).log("cleanup is not done everywhere");
      } else {
        inARow++;
        log.atInfo().addKeyValue("inARow", inARow).log("cleanup is done everywhere");
        if (inARow >= threshold) {
          return;
        }
      }
      long elapsedMillis = Math.max(0, clock.millis() - startMillis);
      pause.sleep(Duration.ofMillis(Math.max(0, period.toMillis() - elapsedMillis)));
    }
  }

  /** Asks all nodes once; what is wrong, or empty when all have answered 200. */
  private Optional<String> look() throws InterruptedException {
    List<InetAddress> addresses;
    try {
      addresses = resolver.resolve(host);
    } catch (UnknownHostException e) {
      return Optional.of("lookup of " + host + ": " + e.getMessage());
    }
    if (addresses.isEmpty()) {
      return Optional.of("lookup of " + host + ": no addresses");
    }
    Queue<InetAddress> open = new ConcurrentLinkedQueue<>(addresses);
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    try (ExecutorService probes = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < Math.min(MAX_CONCURRENT_PROBES, addresses.size()); i++) {
        probes.execute(() -> probe(open, failures));
      }
      probes.shutdown();
      // Bounded: each address takes a time-out at most.
      probes.awaitTermination(
          (long) PROBE_TIMEOUT_MILLIS * (addresses.size() + 1), TimeUnit.MILLISECONDS);
    }
    return Optional.ofNullable(failures.peek());
  }

  /** Asks one address after the other until none is left, or one has failed. */
  private void probe(Queue<InetAddress> open, Queue<String> failures) {
    for (InetAddress next = open.poll(); next != null && failures.isEmpty(); next = open.poll()) {
      InetSocketAddress address = new InetSocketAddress(next, port);
      try {
        int status = ReadyProbe.status(address, PROBE_TIMEOUT_MILLIS);
        if (status != 200) {
          failures.add(address + " answers " + status);
        }
      } catch (IOException e) {
        failures.add(address + ": " + e.getMessage());
      }
    }
  }
}
