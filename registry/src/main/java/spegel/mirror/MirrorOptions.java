package spegel.mirror;

import java.time.Duration;
import java.util.Optional;
import spegel.auth.BasicCredentials;

/**
 * How a mirror works.
 *
 * @param firstProviderTimeout how long to wait for a first provider of what is asked for
 * @param maxPeers peers that may fail before a request is answered 404; 0 asks nobody
 * @param peerPort the port of the peers' registries; 0 when it is not known, and nobody can be
 *     asked
 * @param credentials what the peers' registries ask for; empty when they ask for nothing
 * @param verifyBlobs when blobs are hashed before they are passed on
 */
public record MirrorOptions(
    Duration firstProviderTimeout,
    int maxPeers,
    int peerPort,
    Optional<BasicCredentials> credentials,
    VerifyBlobs verifyBlobs) {
  private static final int MAX_PORT = 65_535;

  public MirrorOptions {
    if (firstProviderTimeout.isNegative() || firstProviderTimeout.isZero()) {
      throw new IllegalArgumentException("the wait for a provider is positive");
    }
    if (peerPort == 0) {
      maxPeers = 0;
    }
    if (maxPeers < 0 || peerPort < 0 || peerPort > MAX_PORT) {
      throw new IllegalArgumentException("a number is out of range");
    }
  }
}
