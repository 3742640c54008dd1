package spegel.peer;

import java.net.InetSocketAddress;

/** A connection to a peer, connecting, idle or in use. Lives on its lane's loop. */
final class PeerConnection {
  private final LaneConnections owner;
  private final LoopSocket socket;
  private final InetSocketAddress address;
  private final boolean isLarge;
  private boolean closed;
  private long idleSinceNanos;

  /**
   * @param isLarge whether the kernel may hold much of what it brings
   */
  PeerConnection(
      LaneConnections owner, LoopSocket socket, InetSocketAddress address, boolean isLarge) {
    this.owner = owner;
    this.socket = socket;
    this.address = address;
    this.isLarge = isLarge;
  }

  LoopSocket socket() {
    return socket;
  }

  InetSocketAddress address() {
    return address;
  }

  boolean isLarge() {
    return isLarge;
  }

  /** When it was last given back, in {@link System#nanoTime}. */
  long idleSinceNanos() {
    return idleSinceNanos;
  }

  void idleSince(long nanos) {
    idleSinceNanos = nanos;
  }

  /** Keeps the connection for the next request. */
  void giveBack() {
    if (!closed) {
      owner.keep(this);
    }
  }

  void close() {
    if (!closed) {
      closed = true;
      socket.close();
      owner.closed(this);
    }
  }
}
