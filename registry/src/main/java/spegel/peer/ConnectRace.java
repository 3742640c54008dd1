package spegel.peer;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects to one of several addresses (RFC 8305, section 5): the next is tried when the one before
 * has failed or is slow, and the first connection that stands wins. Lives on the lane's loop.
 */
final class ConnectRace {
  private static final long STAGGER_MILLIS = 50;

  /** Hears how it ended, once. */
  interface Listener {
    void connected(PeerConnection connection);

    void failed(IOException cause);
  }

  private final EventLoop loop;
  private final LaneConnections connections;
  private final Duration connectTimeout;
  private final Deque<InetSocketAddress> untried;
  private final Listener listener;
  private final List<Attempt> running = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private @Nullable Future<?> stagger;
  private boolean ended;

  ConnectRace(
      EventLoop loop,
      LaneConnections connections,
      Duration connectTimeout,
      List<InetSocketAddress> addresses,
      Listener listener) {
    this.loop = loop;
    this.connections = connections;
    this.connectTimeout = connectTimeout;
    this.untried = new ArrayDeque<>(addresses);
    this.listener = listener;
  }

  void start() {
    next();
  }

  /** Ends it unheard. */
  void cancel() {
    ended = true;
    if (stagger != null) {
      stagger.cancel(false);
    }
    for (Attempt attempt : running) {
      attempt.timeout.cancel(false);
      attempt.connection.close();
    }
    running.clear();
  }

  private void next() {
    if (ended) {
      return;
    }
    InetSocketAddress address = untried.pollFirst();
    if (address == null) {
      endWhenAllFailed();
    } else if (connections.hasRoom()) {
      begin(address);
    } else {
      failed(address, "no free connection");
    }
  }

  private void begin(InetSocketAddress address) {
    try {
      running.add(new Attempt(connections.connect(address)));
    } catch (IOException e) {
      failed(address, String.valueOf(e.getMessage()));
      return;
    }
    if (!untried.isEmpty()) {
      stagger = loop.schedule(this::next, STAGGER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void failed(InetSocketAddress address, String why) {
    failures.add(PeerAddresses.text(address) + ": " + why);
    if (stagger != null) {
      stagger.cancel(false);
    }
    next();
  }

  private void endWhenAllFailed() {
    if (running.isEmpty() && !ended) {
      ended = true;
      listener.failed(new IOException("cannot connect: " + String.join("; ", failures)));
    }
  }

  private final class Attempt {
    private final PeerConnection connection;
    private final Future<?> timeout;

    Attempt(PeerConnection connection) {
      this.connection = connection;
      this.timeout =
          loop.schedule(
              () -> lose("no connection in " + connectTimeout.toMillis() + " ms"),
              connectTimeout.toNanos(),
              TimeUnit.NANOSECONDS);
      connection.socket().onReady(this::ready);
    }

    private void ready() {
      try {
        if (connection.socket().finishConnect()) {
          timeout.cancel(false);
          running.remove(this);
          cancel();
          listener.connected(connection);
        }
      } catch (IOException e) {
        timeout.cancel(false);
        lose(String.valueOf(e.getMessage()));
      }
    }

    private void lose(String why) {
      running.remove(this);
      connection.close();
      failed(connection.address(), why);
    }
  }
}
