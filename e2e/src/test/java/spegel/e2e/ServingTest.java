package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.assertMissing;
import static spegel.e2e.ServedContent.assertRangesServed;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;
import static spegel.e2e.harness.RegistryClient.header;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.Metrics;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.SpegelNode;

/** A node serves all that its containerd has, and nothing that it has not. */
@ExtendWith(FailureLogs.class)
@ParameterizedClass
@EnumSource
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServingTest {
  private static final OciImage APP =
      ImageBuilder.oci(10).gzipLayer(300_000).zstdLayer(200_000).plainLayer(1).build();
  private static final OciImage FOREIGN =
      ImageBuilder.oci(11).architecture("s390x").gzipLayer(20_000).build();
  private static final OciImage MULTI =
      ImageBuilder.multiPlatform(ImageBuilder.oci(12).gzipLayer(20_000).build(), FOREIGN);
  private static final OciImage DOCKER = ImageBuilder.docker(13).gzipLayer(20_000).build();
  private static final OciImage LIST =
      ImageBuilder.multiPlatform(ImageBuilder.docker(14).gzipLayer(1_000).build());
  private static final OciImage ARTIFACT = ImageBuilder.artifact(15);
  private static final Map<String, OciImage> IMAGES =
      Map.of(
          "team/app",
          APP,
          "team/multi",
          MULTI,
          "team/docker",
          DOCKER,
          "team/list",
          LIST,
          "team/deeply/nested/artifact",
          ARTIFACT);

  @Parameter private ContainerdVersion version = ContainerdVersion.V2;
  private DockerRegistry upstream;
  private Containerd containerd;
  private SpegelNode node;

  @BeforeParameterizedClassInvocation
  void start() {
    upstream = DockerRegistry.start();
    containerd = Containerd.start(version);
    containerd.reach("upstream.test", upstream.url());
    IMAGES.forEach((repository, image) -> upstream.push(image, repository, "1"));
    // Some before the node starts, for its listing; some after, for its events.
    pull("team/app");
    pull("team/multi");
    node = SpegelNode.beside(containerd).start();
    pull("team/docker");
    pull("team/list");
    containerd.fetch("upstream.test/team/deeply/nested/artifact:1").orFail();
    Set<String> keys = new TreeSet<>();
    IMAGES.keySet().forEach(repository -> keys.add("upstream.test/" + repository + ":1"));
    containerd.contents().forEach(digest -> keys.add(digest.toString()));
    node.awaitEvents("CREATE", keys);
  }

  private void pull(String repository) {
    containerd.pull("upstream.test/" + repository + ":1").orFail();
  }

  @AfterParameterizedClassInvocation
  void stop() {
    node.close();
    containerd.close();
    upstream.close();
  }

  @Test
  void everything_isServedByteForByte_whenContainerdHasIt() {
    int served = 0;
    for (Map.Entry<String, OciImage> image : IMAGES.entrySet()) {
      assertServed(node.registry(), tagged(image.getKey(), "1"), image.getValue().root());
      for (Content content : image.getValue().contents()) {
        if (Files.exists(containerd.file(content.digest()))) {
          assertServed(node.registry(), path(image.getKey(), content), content);
          assertServed(node.registry(), content.path(image.getKey()), content);
          served++;
        }
      }
    }
    assertTrue(served >= 16, "only " + served);
  }

  @Test
  void layerOfAnotherPlatform_isMissing_whenItWasNotPulled() {
    Content layer = FOREIGN.largestBlob();
    assertFalse(Files.exists(containerd.file(layer.digest())));
    assertMissing(node.registry(), path("team/multi", layer), "BLOB_UNKNOWN");
    assertFalse(node.events("CREATE").contains(layer.digest().toString()));
  }

  @Test
  void unknownContent_isMissing_always() {
    assertMissing(node.registry(), tagged("team/app", "2"), "MANIFEST_UNKNOWN");
    assertMissing(node.registry(), tagged("team/other", "1"), "MANIFEST_UNKNOWN");
    assertMissing(node.registry(), "/v2/team/app/manifests/1?ns=other.test", "MANIFEST_UNKNOWN");
    Content unknown = ImageBuilder.oci(16).gzipLayer(1).build().largestBlob();
    assertMissing(node.registry(), path("team/app", unknown), "BLOB_UNKNOWN");
  }

  @Test
  void range_isAnsweredInPart_inAllThreeForms() {
    Content layer = APP.largestBlob();
    int size = layer.bytes().length;
    assertRangesServed(node.registry(), path("team/app", layer), layer);
    HttpResponse<byte[]> beyond =
        node.registry().get(path("team/app", layer), "Range", "bytes=" + size + "-");
    assertEquals(416, beyond.statusCode());
    assertEquals("bytes */" + size, header(beyond, "Content-Range"));
  }

  @Test
  void log_tellsNothingButTheEvents_whenAllGoesWell() {
    for (String line : node.unstructuredLog()) {
      throw new AssertionError("not in JSON: " + line);
    }
    node.log().stream()
        .filter(line -> line.level().equals("WARN") || line.level().equals("ERROR"))
        .filter(line -> !line.message().startsWith("no --bootstrap-kind"))
        .forEach(
            line -> {
              throw new AssertionError(line.toString());
            });
    // The older name of the field is written, too.
    node.log().stream()
        .filter(line -> line.message().equals("OCI event"))
        .forEach(line -> assertEquals(line.text("key"), line.text("ref")));
  }

  @Test
  void metrics_countWhatIsAdvertised_afterPulls() {
    Metrics metrics = node.metrics();
    assertEquals(
        5, metrics.value("spegel_advertised_image_tags{registry=\"upstream.test\"}").orElse(-1));
    assertEquals(
        5, metrics.value("spegel_advertised_image_digests{registry=\"upstream.test\"}").orElse(-1));
    assertEquals(
        containerd.contents().size(),
        metrics.value("spegel_advertised_content_digests{registry=\"upstream.test\"}").orElse(-1));
  }

  @Test
  void metrics_countRequests_byRouteMethodAndCode() {
    String served =
        "http_request_duration_seconds_count{code=\"200\",handler=\"/v2/*\",method=\"GET\"}";
    String missing =
        "http_request_duration_seconds_count{code=\"404\",handler=\"/v2/*\",method=\"HEAD\"}";
    Metrics before = node.metrics();
    RegistryClient client = node.registry();
    client.get(tagged("team/app", "1"));
    client.head(tagged("team/app", "2"));
    // A request is counted when its answer is sent, which the client may see a little earlier.
    Metrics after =
        Await.value(
            "both requests are counted",
            Duration.ofSeconds(5),
            () ->
                Optional.of(node.metrics())
                    .filter(now -> isOneMore(before, now, served))
                    .filter(now -> isOneMore(before, now, missing)));
    for (String name :
        List.of(
            "spegel_mirror_requests_total",
            "http_response_size_bytes_bucket",
            "http_requests_inflight",
            "spegel_mirror_last_success_timestamp_seconds")) {
      assertTrue(after.has(name), name);
    }
  }

  private static boolean isOneMore(Metrics before, Metrics now, String series) {
    return now.value(series).orElse(0) == before.value(series).orElse(0) + 1;
  }

  @Test
  void skopeo_copiesTheImage_byItsDigest(@TempDir Path folder) throws IOException {
    for (Map.Entry<String, OciImage> image :
        Map.of("team/app", APP, "team/docker", DOCKER).entrySet()) {
      Path copy = folder.resolve(image.getKey());
      Files.createDirectories(copy);
      OciImage expected = image.getValue();
      String source =
          "docker://%s/%s@%s".formatted(node.authority(), image.getKey(), expected.digest());
      Command.run("skopeo", "copy", "--src-tls-verify=false", source, "dir:" + copy).orFail();
      assertArrayEquals(expected.root().bytes(), Files.readAllBytes(copy.resolve("manifest.json")));
      for (Content blob : expected.blobs()) {
        assertArrayEquals(blob.bytes(), Files.readAllBytes(copy.resolve(blob.digest().hex())));
      }
    }
  }

  @Test
  void curl_getsTheManifest_byItsTag(@TempDir Path folder) throws IOException {
    Path body = folder.resolve("body");
    List<String> curl = new ArrayList<>(List.of("curl", "-fsS", "-o", body.toString()));
    curl.add(node.registry().base() + tagged("team/app", "1"));
    Command.run(curl).orFail();
    assertArrayEquals(APP.root().bytes(), Files.readAllBytes(body));
  }
}
