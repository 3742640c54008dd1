package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.assertMissing;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;
import static spegel.e2e.harness.RegistryClient.header;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
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

/** containerd crashes, hangs and comes back; the node answers at once all the while. */
@ExtendWith(FailureLogs.class)
@ParameterizedClass
@EnumSource
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutageTest {
  private static final Duration RECOVERED_WITHIN = Duration.ofSeconds(15);
  private static final long AT_ONCE_MILLIS = 1_000;
  private static final OciImage IMAGE =
      ImageBuilder.oci(40).gzipLayer(16 << 20).gzipLayer(1_000).build();
  private static final Content UNKNOWN = ImageBuilder.oci(41).gzipLayer(1).build().largestBlob();
  private static final String TAG = tagged("team/app", "1");

  @Parameter private ContainerdVersion version = ContainerdVersion.V2;
  private DockerRegistry upstream;
  private Containerd containerd;
  private SpegelNode node;

  @BeforeParameterizedClassInvocation
  void start() {
    upstream = DockerRegistry.start();
    upstream.push(IMAGE, "team/app", "1");
    containerd = Containerd.start(version);
    containerd.reach("upstream.test", upstream.url());
    containerd.pull("upstream.test/team/app:1").orFail();
    node = SpegelNode.beside(containerd).start();
    awaitTag();
  }

  @AfterParameterizedClassInvocation
  void stop() {
    node.close();
    containerd.close();
    upstream.close();
  }

  private void awaitTag() {
    Await.until(
        "the tag is served", RECOVERED_WITHIN, () -> node.registry().head(TAG).statusCode() == 200);
  }

  @Test
  void transfer_goesOnToItsEnd_whenContainerdIsKilledInTheMiddle() {
    Content layer = IMAGE.largestBlob();
    byte[] bytes = layer.bytes();
    try (PacedReader reader = PacedReader.get(node.registry().base(), path("team/app", layer))) {
      assertTrue(reader.head().startsWith("HTTP/1.1 200 "), reader.head());
      int before = 1 << 20;
      assertArrayEquals(Arrays.copyOf(bytes, before), reader.read(before));
      containerd.kill();
      assertArrayEquals(Arrays.copyOfRange(bytes, before, bytes.length), reader.read(bytes.length));
      assertTrue(reader.atEnd());
    } finally {
      containerd.restart();
    }
    awaitTag();
  }

  @Test
  void requests_areAnsweredAtOnce_whileContainerdIsAway() {
    containerd.kill();
    try {
      Await.until(
          "the tag is not resolved any more",
          RECOVERED_WITHIN,
          () -> atOnce(() -> node.registry().head(TAG)).statusCode() == 404);
      assertMissing(node.registry(), TAG, "MANIFEST_UNKNOWN");
      for (Content content : IMAGE.contents()) {
        atOnce(() -> node.registry().head(path("team/app", content)));
        assertServed(node.registry(), path("team/app", content), content);
      }
      assertEquals(404, atOnce(() -> node.registry().get(path("team/app", UNKNOWN))).statusCode());
      HttpResponse<byte[]> peer =
          atOnce(() -> node.registry().get(path("team/app", UNKNOWN), "X-Spegel-Mirrored", "true"));
      assertEquals(503, peer.statusCode());
      assertFalse(header(peer, "Retry-After").isEmpty());
    } finally {
      containerd.restart();
    }
    awaitTag();
  }

  @Test
  void changes_areSeen_whenContainerdHasComeBack() {
    OciImage gone = ImageBuilder.oci(42).gzipLayer(1_000).build();
    OciImage fresh = ImageBuilder.oci(43).gzipLayer(1_000).build();
    upstream.push(gone, "team/gone", "1");
    upstream.push(fresh, "team/fresh", "1");
    containerd.pull("upstream.test/team/gone:1").orFail();
    node.awaitEvents("CREATE", Set.of("upstream.test/team/gone:1", gone.digest().toString()));
    containerd.kill();
    containerd.restart();
    // Before or after the node is connected again: the listing or an event tells.
    containerd.removeImage("upstream.test/team/gone:1");
    containerd.pull("upstream.test/team/fresh:1").orFail();
    node.awaitEvents("DELETE", Set.of("upstream.test/team/gone:1", gone.digest().toString()));
    node.awaitEvents("CREATE", Set.of("upstream.test/team/fresh:1", fresh.digest().toString()));
    awaitTag();
    assertServed(node.registry(), tagged("team/fresh", "1"), fresh.root());
    assertMissing(node.registry(), tagged("team/gone", "1"), "MANIFEST_UNKNOWN");
  }

  @Test
  void requests_areAnsweredAtOnce_whileContainerdHangs() {
    containerd.freeze();
    try {
      for (Content content : IMAGE.contents()) {
        assertEquals(
            200, atOnce(() -> node.registry().head(path("team/app", content))).statusCode());
      }
      atOnce(() -> node.registry().head(TAG));
      assertEquals(404, atOnce(() -> node.registry().get(path("team/app", UNKNOWN))).statusCode());
      assertEquals(200, atOnce(() -> node.registry().get("/livez")).statusCode());
    } finally {
      containerd.thaw();
    }
    awaitTag();
  }

  private static HttpResponse<byte[]> atOnce(Supplier<HttpResponse<byte[]>> request) {
    long began = System.nanoTime();
    HttpResponse<byte[]> response = request.get();
    long millis = (System.nanoTime() - began) / 1_000_000;
    assertTrue(millis < AT_ONCE_MILLIS, response.request() + " took " + millis + " ms");
    return response;
  }
}
