package spegel.kad.libp2p;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.libp2p.host.Host;

/**
 * Own streams: a few at a time with each peer, kept for a while after their use. Peers reset those
 * that are idle for 60 s, so they are given up well before.
 */
final class StreamPool implements AutoCloseable {
  static final int MAX_PER_PEER = 8;

  /** Requests that may wait for a turn with one peer: those to a frozen one must not pile up. */
  static final int MAX_WAITING_PER_PEER = 32;

  static final Duration MAX_IDLE = Duration.ofSeconds(30);

  /** The answers that may be arriving at once, and the long ones among them. */
  private static final int MAX_ARRIVING_CHUNKS = 512;

  private static final long MAX_ARRIVING_LONG_BYTES = 12L * 1024 * 1024;

  private final Host host;
  private final String protocol;
  private final LongSupplier nanoTime;
  private final MessageMemory memory =
      new MessageMemory(MAX_ARRIVING_CHUNKS, MAX_ARRIVING_LONG_BYTES);

  // Guarded by this.
  private final Map<PeerId, Peer> peers = new HashMap<>();
  private boolean closed;

  StreamPool(Host host, String protocol, LongSupplier nanoTime) {
    this.host = host;
    this.protocol = protocol;
    this.nanoTime = nanoTime;
  }

  /** One peer's streams; the last used is the first to be used again, so that the others age. */
  private static final class Peer {
    final Semaphore permits = new Semaphore(MAX_PER_PEER);
    final Deque<KadStream> idle = new ArrayDeque<>(1);
    int users;
  }

  /**
   * Waits for a turn with the peer; {@link #leave} ends it.
   *
   * @throws IOException when none comes in time, or too many wait already
   */
  void enter(PeerId id, long timeoutNanos) throws IOException, InterruptedException {
    Peer peer;
    boolean full;
    synchronized (this) {
      peer = peers.computeIfAbsent(id, _ -> new Peer());
      full = peer.users == MAX_PER_PEER + MAX_WAITING_PER_PEER;
      peer.users++;
    }
    boolean entered = false;
    try {
      entered = !full && peer.permits.tryAcquire(timeoutNanos, TimeUnit.NANOSECONDS);
      if (!entered) {
        throw new Libp2pException("kad: too many requests to " + id + " are under way");
      }
    } finally {
      if (!entered) {
        forget(id, peer);
      }
    }
  }

  void leave(PeerId id) {
    Peer peer;
    synchronized (this) {
      peer = peers.get(id);
    }
    if (peer != null) {
      peer.permits.release();
      forget(id, peer);
    }
  }

  private synchronized void forget(PeerId id, Peer peer) {
    peer.users--;
    if (peer.users == 0 && peer.idle.isEmpty()) {
      peers.remove(id, peer);
    }
  }

  /** A stream that was used before, if there is one. */
  synchronized Optional<KadStream> takeIdle(PeerId id) {
    Peer peer = peers.get(id);
    if (peer == null || peer.idle.isEmpty() || isStale(peer.idle.getLast())) {
      return Optional.empty();
    }
    return Optional.of(peer.idle.removeLast());
  }

  /**
   * A new stream.
   *
   * @throws IOException when there is no connection with the peer, or it takes no more streams
   */
  KadStream open(PeerId id) throws IOException {
    return new KadStream(host.open(id, protocol), memory);
  }

  /** Keeps the stream for the next request. */
  void keep(KadStream stream) {
    synchronized (this) {
      Peer peer = peers.get(stream.peer());
      if (!closed && peer != null && stream.isReusable()) {
        stream.markIdle(nanoTime.getAsLong());
        peer.idle.addLast(stream);
        return;
      }
    }
    stream.close();
  }

  /** The last connection with the peer is gone, and its streams with it. */
  void drop(PeerId id) {
    List<KadStream> dropped = new ArrayList<>();
    synchronized (this) {
      Peer peer = peers.get(id);
      if (peer != null) {
        dropped.addAll(peer.idle);
        peer.idle.clear();
        if (peer.users == 0) {
          peers.remove(id);
        }
      }
    }
    dropped.forEach(KadStream::close);
  }

  /** Peers with streams, or waited for. */
  synchronized int size() {
    return peers.size();
  }

  private boolean isStale(KadStream stream) {
    return nanoTime.getAsLong() - stream.idleSinceNanos() > MAX_IDLE.toNanos();
  }

  /** Gives up streams that nobody has used for long; blocks while peers are told. */
  void sweep() {
    List<KadStream> stale = new ArrayList<>();
    synchronized (this) {
      Iterator<Peer> all = peers.values().iterator();
      while (all.hasNext()) {
        Peer peer = all.next();
        while (!peer.idle.isEmpty() && (closed || isStale(peer.idle.getFirst()))) {
          stale.add(peer.idle.removeFirst());
        }
        if (peer.users == 0 && peer.idle.isEmpty()) {
          all.remove();
        }
      }
    }
    stale.forEach(KadStream::close);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    sweep();
  }
}
