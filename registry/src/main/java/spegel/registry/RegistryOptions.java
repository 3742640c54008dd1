package spegel.registry;

import java.util.Optional;
import spegel.auth.BasicCredentials;
import spegel.http.HttpTimeouts;
import spegel.http.ListenAddress;

/**
 * What a registry server is to be.
 *
 * @param address where it listens
 * @param credentials what {@code /v2/*} asks for; empty when anybody may ask
 * @param eventLoops threads for all but the bodies of blobs
 * @param bodyEventLoops threads for the bodies of blobs
 * @param maxConnections connections that are served
 * @param maxOverflowConnections connections beyond those that are told that there are too many
 * @param timeouts how long a connection may take
 */
public record RegistryOptions(
    ListenAddress address,
    Optional<BasicCredentials> credentials,
    int eventLoops,
    int bodyEventLoops,
    int maxConnections,
    int maxOverflowConnections,
    HttpTimeouts timeouts) {

  /**
   * One event loop, two for bodies, 1,024 connections and 64 beyond: a node has one containerd, and
   * of a large cluster some hundred peers ask at once.
   */
  public static RegistryOptions of(ListenAddress address, Optional<BasicCredentials> credentials) {
    return new RegistryOptions(address, credentials, 1, 2, 1024, 64, HttpTimeouts.DEFAULT);
  }

  /** The same with other bounds for connections. */
  public RegistryOptions withConnections(int max, int maxOverflow) {
    return new RegistryOptions(
        address, credentials, eventLoops, bodyEventLoops, max, maxOverflow, timeouts);
  }
}
