package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.path;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.PacedReader;
import spegel.e2e.harness.SpegelNode;

/** A node that is told to end lets running transfers finish, for as long as Kubernetes waits. */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShutdownTest {
  private static final OciImage IMAGE = ImageBuilder.oci(60).gzipLayer(16 << 20).build();
  private static final Content LAYER = IMAGE.largestBlob();
  private static final int PIECE_BYTES = 1 << 20;

  private DockerRegistry upstream;
  private Containerd containerd;

  @BeforeAll
  void start() {
    upstream = DockerRegistry.start();
    upstream.push(IMAGE, "team/app", "1");
    containerd = Containerd.start(ContainerdVersion.V2);
    containerd.reach("upstream.test", upstream.url());
    containerd.pull("upstream.test/team/app:1").orFail();
  }

  @AfterAll
  void stop() {
    containerd.close();
    upstream.close();
  }

  private SpegelNode startServing() {
    SpegelNode node = SpegelNode.beside(containerd).start();
    Await.until(
        "the layer is served",
        Duration.ofSeconds(10),
        () -> node.registry().head(path("team/app", LAYER)).statusCode() == 200);
    return node;
  }

  @Test
  void exit_isImmediate_whenNothingRuns() {
    try (SpegelNode node = startServing()) {
      long began = System.nanoTime();
      node.process().terminate();
      assertEquals(0, node.process().awaitExit(Duration.ofSeconds(10)));
      assertTrue(System.nanoTime() - began < Duration.ofSeconds(5).toNanos());
    }
  }

  @Test
  void transfer_isFinished_whenTheNodeIsTerminatedInTheMiddle() {
    try (SpegelNode node = startServing();
        PacedReader reader = PacedReader.get(node.registry().base(), path("team/app", LAYER))) {
      byte[] bytes = LAYER.bytes();
      assertArrayEquals(Arrays.copyOf(bytes, PIECE_BYTES), reader.read(PIECE_BYTES));
      node.process().terminate();
      Await.until(
          "not ready",
          Duration.ofSeconds(2),
          () -> node.registry().get("/readyz").statusCode() == 500);
      assertEquals(
          503,
          node.registry()
              .get(path("team/app", IMAGE.root()), "X-Spegel-Mirrored", "true")
              .statusCode());
      assertArrayEquals(
          Arrays.copyOfRange(bytes, PIECE_BYTES, bytes.length), reader.read(bytes.length));
      assertTrue(reader.atEnd());
      assertEquals(0, node.process().awaitExit(Duration.ofSeconds(5)));
    }
  }

  @Test
  void exit_comesInTime_whenAReaderStalls() {
    try (SpegelNode node = startServing();
        PacedReader reader = PacedReader.get(node.registry().base(), path("team/app", LAYER))) {
      reader.read(PIECE_BYTES);
      long began = System.nanoTime();
      node.process().terminate();
      assertEquals(0, node.process().awaitExit(Duration.ofSeconds(30)));
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertTrue(took.compareTo(Duration.ofSeconds(20)) > 0, "gave up after " + took);
      // Cut by an orderly end and not by a reset, which containerd would take for a failure.
      assertTrue(reader.read(LAYER.bytes().length).length < LAYER.bytes().length - PIECE_BYTES);
      assertTrue(reader.atEnd());
    }
  }
}
