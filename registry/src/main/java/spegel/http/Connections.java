package spegel.http;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of a server, of which there is a bounded number, and what they share. */
final class Connections extends ChannelInitializer<SocketChannel> {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);

  /** A connection in steady use is idle for less. */
  private static final long MIN_IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final HttpServerOptions options;
  private final HttpHandler handler;
  private final ExecutorService workers;
  private final @Nullable EventLoopGroup bodyLoops;
  private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();

  private final Semaphore largeSendQueues = SendQueue.permits();
  private final LogPace refusals = new LogPace();

  /** Guards {@link #count}. */
  private final Object lock = new Object();

  private int count;
  private volatile boolean draining;
  private volatile boolean cut;

  Connections(
      HttpServerOptions options,
      HttpHandler handler,
      ExecutorService workers,
      @Nullable EventLoopGroup bodyLoops) {
    this.options = options;
    this.handler = handler;
    this.workers = workers;
    this.bodyLoops = bodyLoops;
  }

  HttpHandler handler() {
    return handler;
  }

  HttpHandler overflow() {
    return options.overflow();
  }

  HttpTimeouts timeouts() {
    return options.timeouts();
  }

  HttpObserver observer() {
    return options.observer();
  }

  ExecutorService workers() {
    return workers;
  }

  /** The loop for the next file's body; null when bodies stay on the loop of their connection. */
  @Nullable EventLoop nextBodyLoop() {
    return bodyLoops == null ? null : bodyLoops.next();
  }

  /** Permits for {@link SendQueue}. */
  Semaphore largeSendQueues() {
    return largeSendQueues;
  }

  /** Whether connections end after the answer they are at. */
  boolean isDraining() {
    return draining;
  }

  /** Whether connections end where they are. */
  boolean isCut() {
    return cut;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    int number;
    synchronized (lock) {
      number = ++count;
    }
    if (number > options.maxConnections() + options.maxOverflowConnections() || draining) {
      if (!draining) {
        logRefusal();
      }
      release();
      var _ = channel.close();
      return;
    }
    boolean overflow = number > options.maxConnections() && !evict();
    HttpConnection connection = new HttpConnection(this, channel, overflow);
    if (overflow) {
      logRefusal();
    }
    open.add(connection);
    connection.open();
  }

  /**
   * Ends the connection that has been idle for the longest time, so that clients which keep theirs
   * do not keep others out; false when none has been idle for a while.
   */
  private boolean evict() {
    long now = System.nanoTime();
    HttpConnection oldest = null;
    long oldestNanos = MIN_IDLE_NANOS;
    for (HttpConnection connection : open) {
      long idleNanos = connection.idleNanos(now);
      if (idleNanos >= oldestNanos) {
        oldest = connection;
        oldestNanos = idleNanos;
      }
    }
    return oldest != null && oldest.evict();
  }

  private void logRefusal() {
    refusals
        .due()
        .ifPresent(
            refused ->
                log.atWarn()
                    .addKeyValue("server", options.name())
                    .addKeyValue("maxConnections", options.maxConnections())
                    .addKeyValue("refused", refused)
                    .log("too many connections"));
  }

  void remove(HttpConnection connection) {
    if (open.remove(connection)) {
      release();
    }
  }

  private void release() {
    synchronized (lock) {
      count--;
      lock.notifyAll();
    }
  }

  /** Looks for connections whose time is over. */
  void tick() {
    long now = System.nanoTime();
    for (HttpConnection connection : open) {
      connection.tick(now);
    }
  }

  /** Lets each connection end after the answer it is at. */
  void drain() {
    draining = true;
    open.forEach(HttpConnection::drain);
  }

  /** Ends all connections cleanly where they are. */
  void cut() {
    cut = true;
    open.forEach(HttpConnection::cut);
  }

  /** Waits until no connection is left; false when there still are some after that time. */
  boolean awaitNone(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    synchronized (lock) {
      while (count > 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        lock.wait(left);
      }
      return true;
    }
  }
}
