package spegel.peer;

import java.time.Duration;

/**
 * What a peer client is to be.
 *
 * @param lanes event loops
 * @param connectTimeout for one address of a peer; a node that is gone costs that much
 * @param maxIdlePerPeer connections to one address that wait for the next request, in one lane
 * @param maxIdle connections that wait, over all addresses, in one lane
 * @param idleTimeout how long one waits at most; shorter than the peers' own, so that a request
 *     seldom meets a connection that is closing
 * @param maxConnections connections, idle or busy, over all lanes
 */
public record PeerClientOptions(
    int lanes,
    Duration connectTimeout,
    int maxIdlePerPeer,
    int maxIdle,
    Duration idleTimeout,
    int maxConnections) {
  public static final PeerClientOptions DEFAULT =
      new PeerClientOptions(2, Duration.ofMillis(200), 8, 64, Duration.ofSeconds(60), 512);

  public PeerClientOptions {
    if (lanes < 1 || maxIdlePerPeer < 0 || maxIdle < 0 || maxConnections < 1) {
      throw new IllegalArgumentException("a number is out of range");
    }
  }
}
