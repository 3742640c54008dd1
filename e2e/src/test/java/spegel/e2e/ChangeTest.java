package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.assertMissing;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;
import static spegel.e2e.harness.RegistryClient.header;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
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
import spegel.e2e.harness.SpegelNode;

/** What is served follows what containerd has: tags move, images go, garbage is collected. */
@ExtendWith(FailureLogs.class)
@ParameterizedClass
@EnumSource
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChangeTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  @Parameter private ContainerdVersion version = ContainerdVersion.V2;
  private DockerRegistry upstream;
  private Containerd containerd;
  private SpegelNode node;

  @BeforeParameterizedClassInvocation
  void start() {
    upstream = DockerRegistry.start();
    containerd = Containerd.start(version);
    containerd.reach("upstream.test", upstream.url());
    node = SpegelNode.beside(containerd).start();
  }

  @AfterParameterizedClassInvocation
  void stop() {
    node.close();
    containerd.close();
    upstream.close();
  }

  private void pull(OciImage image, String repository, String tag) {
    upstream.push(image, repository, tag);
    containerd.pull("upstream.test/" + repository + ":" + tag).orFail();
    Set<String> keys =
        image.contents().stream().map(c -> c.digest().toString()).collect(Collectors.toSet());
    keys.add("upstream.test/" + repository + ":" + tag);
    node.awaitEvents("CREATE", keys);
  }

  @Test
  void tag_pointsToTheNewDigest_whenItHasMoved() {
    OciImage before = ImageBuilder.oci(30).gzipLayer(1_000).build();
    OciImage after = ImageBuilder.oci(31).gzipLayer(1_000).build();
    pull(before, "team/moving", "latest");
    assertServed(node.registry(), tagged("team/moving", "latest"), before.root());
    upstream.push(after, "team/moving", "latest");
    containerd.pull("upstream.test/team/moving:latest").orFail();
    // The event is on its way when the client of containerd has ended; never is the tag gone.
    Await.until(
        "the tag has moved",
        Duration.ofSeconds(1),
        () -> {
          HttpResponse<byte[]> head = node.registry().head(tagged("team/moving", "latest"));
          assertEquals(200, head.statusCode());
          return header(head, "Docker-Content-Digest").equals(after.digest().toString());
        });
    assertServed(node.registry(), tagged("team/moving", "latest"), after.root());
    assertServed(node.registry(), path("team/moving", after.largestBlob()), after.largestBlob());
  }

  @Test
  void image_isMissingAndWithdrawn_whenItWasDeleted() {
    OciImage image = ImageBuilder.oci(32).gzipLayer(1_000).build();
    pull(image, "team/deleted", "1");
    containerd.removeImage("upstream.test/team/deleted:1");
    Set<String> keys =
        image.contents().stream().map(c -> c.digest().toString()).collect(Collectors.toSet());
    keys.add("upstream.test/team/deleted:1");
    node.awaitEvents("DELETE", keys);
    assertMissing(node.registry(), tagged("team/deleted", "1"), "MANIFEST_UNKNOWN");
    assertMissing(node.registry(), path("team/deleted", image.root()), "MANIFEST_UNKNOWN");
    assertMissing(node.registry(), path("team/deleted", image.largestBlob()), "BLOB_UNKNOWN");
  }

  @Test
  void sharedContent_isServed_whenOneOfItsImagesWasDeleted() {
    ImageBuilder base = ImageBuilder.oci(33).gzipLayer(1_000);
    OciImage kept = ImageBuilder.oci(34).sameLayers(base).gzipLayer(10).build();
    OciImage deleted = ImageBuilder.oci(35).sameLayers(base).gzipLayer(20).build();
    pull(kept, "team/kept", "1");
    pull(kept, "team/kept", "2");
    pull(deleted, "team/gone", "1");
    containerd.removeImage("upstream.test/team/kept:2");
    containerd.removeImage("upstream.test/team/gone:1");
    node.awaitEvents(
        "DELETE",
        Set.of(
            "upstream.test/team/kept:2", "upstream.test/team/gone:1", deleted.digest().toString()));
    assertServed(node.registry(), tagged("team/kept", "1"), kept.root());
    for (Content content : kept.contents()) {
      assertServed(node.registry(), path("team/kept", content), content);
    }
  }

  @Test
  void content_isACleanMiss_whenItWasTakenAwayWithoutAnEvent() {
    OciImage image = ImageBuilder.oci(36).gzipLayer(1_000).build();
    pull(image, "team/holed", "1");
    for (Content blob : image.blobs()) {
      containerd.removeContent(blob.digest());
    }
    // The first request for it finds out, be it GET or HEAD.
    assertEquals(
        404, node.registry().head(path("team/holed", image.blobs().getLast())).statusCode());
    for (Content blob : image.blobs()) {
      assertMissing(node.registry(), path("team/holed", blob), "BLOB_UNKNOWN");
    }
    assertServed(node.registry(), tagged("team/holed", "1"), image.root());
  }

  @Test
  void answers_areWholeOrCleanMisses_whileGarbageIsCollected() throws Exception {
    OciImage image = ImageBuilder.oci(37).gzipLayer(400_000).zstdLayer(100_000).build();
    pull(image, "team/churn", "1");
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger whole = new AtomicInteger();
    AtomicInteger missed = new AtomicInteger();
    try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
      List<Future<?>> running =
          List.of(
              readers.submit(() -> readUntil(stop, image, whole, missed)),
              readers.submit(() -> readUntil(stop, image, whole, missed)),
              readers.submit(() -> readUntil(stop, image, whole, missed)));
      try {
        for (int round = 0; round < 5; round++) {
          containerd.removeImage("upstream.test/team/churn:1");
          containerd.pull("upstream.test/team/churn:1").orFail();
          containerd.removeContent(image.largestBlob().digest());
          containerd.fetch("upstream.test/team/churn:1").orFail();
        }
      } finally {
        stop.set(true);
      }
      for (Future<?> reader : running) {
        rethrow(reader);
      }
    }
    assertTrue(whole.get() > 0 && missed.get() > 0, whole + " whole, " + missed + " missed");
    for (Content content : image.contents()) {
      Await.until(
          "served again: " + content,
          SOON,
          () -> node.registry().head(path("team/churn", content)).statusCode() == 200);
    }
  }

  private static void rethrow(Future<?> reader) throws InterruptedException {
    try {
      reader.get();
    } catch (ExecutionException e) {
      throw new AssertionError("a reader failed: " + e, e);
    }
  }

  private void readUntil(
      AtomicBoolean stop, OciImage image, AtomicInteger whole, AtomicInteger missed) {
    while (!stop.get()) {
      for (Content content : image.contents()) {
        HttpResponse<byte[]> got = node.registry().get(path("team/churn", content));
        if (got.statusCode() == 200) {
          assertArrayEquals(content.bytes(), got.body(), content.toString());
          whole.incrementAndGet();
        } else {
          assertEquals(404, got.statusCode(), content.toString());
          assertTrue(new String(got.body(), StandardCharsets.UTF_8).contains("_UNKNOWN"));
          missed.incrementAndGet();
        }
      }
    }
  }
}
