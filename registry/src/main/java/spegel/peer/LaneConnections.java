package spegel.peer;

import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import spegel.http.Transport;

/**
 * The connections of a lane: a bounded number, of which those that are idle are kept for a while.
 * Lives on the lane's loop.
 */
final class LaneConnections {
  private static final int MAX_WAITING = 1024;

  /**
   * What the kernel may hold of what a peer sent and nobody has read, for a few connections and for
   * the others. Left alone it holds up to 6 MiB (net.ipv4.tcp_rmem) for who has read fast, and that
   * counts in our memory cgroup. It is bounded from the start: to bound it later makes the kernel
   * drop what it has invited, and the peer slow.
   */
  private static final int LARGE_RECEIVE_BYTES = 1024 * 1024;

  private static final int SMALL_RECEIVE_BYTES = 128 * 1024;

  private final IoEventLoop loop;
  private final Transport transport;
  private final PeerClientOptions options;
  private final int maxConnections;
  private final Set<PeerConnection> open = new LinkedHashSet<>();

  /** The one that was given back last comes last. */
  private final Deque<PeerConnection> idle = new ArrayDeque<>();

  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private final ByteBuffer probe = ByteBuffer.allocateDirect(1);
  private int largeCount;
  private boolean sweeping;
  private boolean closed;

  LaneConnections(IoEventLoop loop, Transport transport, PeerClientOptions options) {
    this.loop = loop;
    this.transport = transport;
    this.options = options;
    this.maxConnections = Math.max(1, options.maxConnections() / options.lanes());
  }

  // New ones.

  /** Whether another one may be opened now; one that is idle makes room. */
  boolean hasRoom() {
    if (open.size() >= maxConnections && !idle.isEmpty()) {
      idle.removeFirst().close();
    }
    return open.size() < maxConnections;
  }

  /**
   * Begins to connect.
   *
   * @throws IOException when it has failed already
   */
  PeerConnection connect(InetSocketAddress address) throws IOException {
    if (closed) {
      throw new IOException("the client is closed");
    }
    boolean large = largeCount < Math.max(1, Carriers.MAX_LARGE / options.lanes());
    LoopSocket socket =
        LoopSocket.connect(
            loop, transport, address, large ? LARGE_RECEIVE_BYTES : SMALL_RECEIVE_BYTES);
    PeerConnection connection = new PeerConnection(this, socket, address, large);
    open.add(connection);
    largeCount += large ? 1 : 0;
    return connection;
  }

  /**
   * Calls the task, once, when there may be room.
   *
   * @throws IOException when too many wait
   */
  void whenRoom(Runnable task) throws IOException {
    if (closed || waiting.size() >= MAX_WAITING) {
      throw new IOException(
          closed ? "the client is closed" : "too many requests wait for a connection");
    }
    waiting.addLast(task);
  }

  /** Forgets a task of {@link #whenRoom}. */
  void forget(Runnable task) {
    waiting.remove(task);
  }

  /** There may be room for one that waits. */
  void wakeNext() {
    Runnable next = waiting.pollFirst();
    if (next != null) {
      loop.execute(next);
    }
  }

  void closed(PeerConnection connection) {
    open.remove(connection);
    idle.remove(connection);
    largeCount -= connection.isLarge() ? 1 : 0;
    wakeNext();
  }

  // Idle ones.

  /** An idle connection to the first of the addresses that has one. */
  Optional<PeerConnection> take(List<InetSocketAddress> addresses) {
    for (InetSocketAddress address : addresses) {
      Iterator<PeerConnection> newestFirst = idle.descendingIterator();
      List<PeerConnection> ended = new ArrayList<>();
      PeerConnection found = null;
      while (found == null && newestFirst.hasNext()) {
        PeerConnection connection = newestFirst.next();
        if (connection.address().equals(address)) {
          newestFirst.remove();
          if (isQuiet(connection)) {
            found = connection;
          } else {
            ended.add(connection);
          }
        }
      }
      ended.forEach(PeerConnection::close);
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  void keep(PeerConnection connection) {
    long toSame = idle.stream().filter(c -> c.address().equals(connection.address())).count();
    if (closed || toSame >= options.maxIdlePerPeer() || options.maxIdle() == 0) {
      connection.close();
      return;
    }
    if (idle.size() >= options.maxIdle()) {
      idle.removeFirst().close();
    }
    connection.idleSince(System.nanoTime());
    idle.addLast(connection);
    connection.socket().onReady(() -> check(connection));
    check(connection);
    if (!sweeping) {
      sweepIn(options.idleTimeout().toNanos());
    }
    wakeNext();
  }

  private void check(PeerConnection connection) {
    if (!isQuiet(connection)) {
      connection.close();
    }
  }

  /** Whether the peer has neither ended the connection nor said what nobody asked for. */
  private boolean isQuiet(PeerConnection connection) {
    try {
      return connection.socket().read(probe.clear()) == 0;
    } catch (IOException e) {
      // It has ended; why is of no interest, since nobody waits for it.
      return false;
    }
  }

  private void sweepIn(long nanos) {
    sweeping = true;
    var _ = loop.schedule(this::sweep, nanos, TimeUnit.NANOSECONDS);
  }

  private void sweep() {
    sweeping = false;
    long now = System.nanoTime();
    long timeoutNanos = options.idleTimeout().toNanos();
    while (!idle.isEmpty()) {
      long left = idle.getFirst().idleSinceNanos() + timeoutNanos - now;
      if (left > 0) {
        sweepIn(left);
        return;
      }
      idle.removeFirst().close();
    }
  }

  /** Closes all; whoever uses one hears it as a failure. */
  void closeAll() {
    closed = true;
    List.copyOf(waiting).forEach(Runnable::run);
    waiting.clear();
    for (PeerConnection connection : List.copyOf(open)) {
      connection.close();
      connection.socket().ready();
    }
  }

  /** For tests: how many are open, and how many of them idle. */
  int openCount() {
    return open.size();
  }

  int idleCount() {
    return idle.size();
  }
}
