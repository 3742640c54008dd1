package spegel.app.web;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A blob, or a part of one, that goes or went between this node and a peer.
 *
 * @param direction which way
 * @param key the blob's digest
 * @param peerId the peer; null when only its address is known
 * @param peerAddress its IP address
 * @param client who received what came from a peer; null when that is the peer
 * @param lengthBytes in all
 * @param sentBytes so far; -1 while it is not known
 * @param began when
 * @param duration until now or its end
 * @param running whether it goes on
 */
record TrafficRecord(
    Direction direction,
    String key,
    @Nullable String peerId,
    String peerAddress,
    @Nullable String client,
    long lengthBytes,
    long sentBytes,
    Instant began,
    Duration duration,
    boolean running) {

  /** Which way a blob goes. */
  enum Direction {
    /** From a peer, through this node, to its client. */
    RECEIVED,
    /** From this node's store to a peer. */
    SERVED
  }
}
