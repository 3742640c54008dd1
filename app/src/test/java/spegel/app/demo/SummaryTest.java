package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import spegel.app.demo.PullResult.Source;

class SummaryTest {
  private static final long IMAGE_BYTES = 64L << 20;

  private static PullResult pull(Source source, long upstreamBytes, long peerBytes) {
    return new PullResult(
        "node 2",
        source,
        Duration.ofMillis(500),
        IMAGE_BYTES,
        upstreamBytes,
        Map.of("node 1", peerBytes));
  }

  @Test
  void lines_areAligned() {
    PullResult first =
        new PullResult(
            "node 1",
            Source.REGISTRY,
            Duration.ofSeconds(4),
            IMAGE_BYTES,
            IMAGE_BYTES,
            Map.of("node 2", 0L));
    assertEquals(
        List.of(
            "           time    throughput   from registry   from peers",
            "node 1   4.00 s    16.0 MiB/s        64.0 MiB          0 B",
            "node 2   0.50 s   128.0 MiB/s             0 B     64.0 MiB   node 1: 64.0 MiB"),
        Summary.lines(List.of(first, pull(Source.PEERS, 0, IMAGE_BYTES))));
  }

  @Test
  void problem_isEveryByteThatCameFromWhereItShouldNot() {
    assertEquals(Optional.empty(), pull(Source.REGISTRY, IMAGE_BYTES, 0).problem());
    assertEquals(Optional.empty(), pull(Source.PEERS, 0, IMAGE_BYTES + 700).problem());
    assertTrue(pull(Source.REGISTRY, IMAGE_BYTES, 1).problem().orElse("").contains("1 B"));
    assertTrue(pull(Source.PEERS, 1, IMAGE_BYTES).problem().orElse("").contains("registry"));
    assertTrue(pull(Source.PEERS, 0, IMAGE_BYTES - 1).problem().orElse("").contains("64.0 MiB"));
    assertTrue(pull(Source.REGISTRY, 0, 0).problem().orElse("").contains("0 B"));
  }
}
