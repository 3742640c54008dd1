package spegel.app.demo;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A pull that has succeeded.
 *
 * @param node who pulled
 * @param source where the bytes should come from
 * @param time from the first request until the node lists the image
 * @param imageBytes what it has now
 * @param upstreamBytes what the registry sent meanwhile
 * @param peerBytes what other nodes sent meanwhile, by their names
 */
record PullResult(
    String node,
    Source source,
    Duration time,
    long imageBytes,
    long upstreamBytes,
    Map<String, Long> peerBytes) {

  /** Where an image comes from. */
  enum Source {
    REGISTRY,
    PEERS
  }

  PullResult {
    peerBytes = new LinkedHashMap<>(peerBytes);
  }

  /** What all other nodes sent. */
  long allPeerBytes() {
    return peerBytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The peers that gave something, and how much. */
  String givers() {
    return peerBytes.entrySet().stream()
        .filter(peer -> peer.getValue() > 0)
        .map(peer -> peer.getKey() + ": " + Figures.bytes(peer.getValue()))
        .collect(Collectors.joining(", "));
  }

  /**
   * What is wrong with where the bytes came from; empty when all is as it should be. The right one
   * may have sent more than the image, such as a manifest once for its head and once for its bytes.
   */
  Optional<String> problem() {
    long wrong = source == Source.REGISTRY ? allPeerBytes() : upstreamBytes;
    long right = source == Source.REGISTRY ? upstreamBytes : allPeerBytes();
    if (wrong > 0) {
      return Optional.of(
          "%s: %s came from %s"
              .formatted(
                  node,
                  Figures.bytes(wrong),
                  source == Source.REGISTRY ? "peers, which have nothing" : "the registry"));
    }
    return right >= imageBytes
        ? Optional.empty()
        : Optional.of(
            "%s: of %s only %s were sent by anybody"
                .formatted(node, Figures.bytes(imageBytes), Figures.bytes(right)));
  }
}
