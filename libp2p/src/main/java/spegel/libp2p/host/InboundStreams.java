package spegel.libp2p.host;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import spegel.libp2p.yamux.YamuxStream;

/**
 * The peers' streams that are being served, over all connections of a host. A stream counts until
 * its handler has returned, however soon the peer resets it: a flood of streams that are opened and
 * reset at once starts no more threads than streams that stay.
 */
final class InboundStreams {
  /** Streams that each connection may have whatever the others do. */
  static final int RESERVED_PER_CONNECTION = 4;

  private final int maxPerConnection;
  private final Semaphore shared;

  /**
   * Streams of one host.
   *
   * @param maxPerConnection of one connection at a time
   * @param maxShared of all connections, beyond those that are reserved for each
   */
  InboundStreams(int maxPerConnection, int maxShared) {
    this.maxPerConnection = maxPerConnection;
    this.shared = new Semaphore(maxShared);
  }

  OfConnection ofConnection() {
    return new OfConnection();
  }

  /** One connection's streams. */
  final class OfConnection {
    private final AtomicInteger serving = new AtomicInteger();

    /** Runs the handler on a thread of its own; resets the stream when there are too many. */
    void serve(YamuxStream stream, Runnable handler) {
      int count = serving.incrementAndGet();
      boolean borrowed = count > RESERVED_PER_CONNECTION;
      if (count > maxPerConnection || (borrowed && !shared.tryAcquire())) {
        serving.decrementAndGet();
        stream.reset();
        return;
      }
      Thread.ofVirtual()
          .name("libp2p-stream")
          .start(
              () -> {
                try {
                  handler.run();
                } finally {
                  serving.decrementAndGet();
                  if (borrowed) {
                    shared.release();
                  }
                }
              });
    }
  }
}
