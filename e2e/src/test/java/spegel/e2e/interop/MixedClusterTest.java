package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.assertMissing;
import static spegel.e2e.ServedContent.assertRangesServed;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;
import static spegel.e2e.harness.RegistryClient.header;
import static spegel.e2e.interop.MixedCluster.Kind.GO;
import static spegel.e2e.interop.MixedCluster.Kind.OURS;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.BasicAuthSecret;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.Together;
import spegel.e2e.interop.MixedCluster.Kind;
import spegel.e2e.interop.MixedCluster.Place;

/**
 * Nodes of this program and of the kind that the Go program is, in one cluster: whatever a node
 * has, each other one serves, and a cluster can change from one kind to the other while it is in
 * use.
 */
@ExtendWith(FailureLogs.class)
class MixedClusterTest {
  private static final List<OciImage> IMAGES =
      IntStream.range(0, 4).mapToObj(i -> image(110 + i)).toList();

  /** From a node's readiness until what it has is known to all. */
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(30);

  /** So much that no search ends for want of time, however busy the machine is. */
  private static final Optional<Duration> PATIENT = Optional.of(Duration.ofSeconds(5));

  @TempDir Path folder;

  private static OciImage image(int seed) {
    return ImageBuilder.oci(seed).gzipLayer(1_500_000).gzipLayer(20_000).build();
  }

  private MixedCluster cluster(
      List<Kind> kinds, Optional<BasicAuthSecret> secret, Optional<Duration> resolveTimeout) {
    return MixedCluster.start(folder, IMAGES, kinds, secret, resolveTimeout);
  }

  private BasicAuthSecret secret() {
    return BasicAuthSecret.write(folder.resolve("etc"), "mirror", "correct horse");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyNode_servesWhatOnlyAnotherHas(boolean basicAuth) {
    Optional<BasicAuthSecret> secret = basicAuth ? Optional.of(secret()) : Optional.empty();
    try (MixedCluster cluster = cluster(List.of(OURS, GO, OURS, GO), secret, PATIENT)) {
      forEachPair(
          cluster,
          (client, place) -> {
            OciImage image = place.image();
            awaitFound(client, place);
            assertServed(client, tagged(place.repository(), "1"), image.root());
            for (Content content : image.contents()) {
              assertServed(client, path(place.repository(), content), content);
            }
            Content layer = image.largestBlob();
            assertRangesServed(client, path(place.repository(), layer), layer);
            // Asked by a peer, no node asks a third one.
            RegistryClient peer = client.with("X-Spegel-Mirrored", "true");
            assertMissing(peer, tagged(place.repository(), "1"), "MANIFEST_UNKNOWN");
            assertMissing(peer, path(place.repository(), layer), "BLOB_UNKNOWN");
          });
    }
  }

  @Test
  void node_servesNobody_andIsServedByNobody_withoutTheClustersCredentials() {
    Optional<BasicAuthSecret> secret = Optional.of(secret());
    try (MixedCluster cluster = cluster(List.of(OURS, GO, GO, GO), secret, PATIENT)) {
      Place ours = cluster.places().getFirst();
      awaitFound(cluster.client(3), ours);
      for (int place : List.of(0, 1)) {
        for (RegistryClient stranger :
            List.of(
                cluster.anonymous(place),
                cluster.anonymous(place).with("Authorization", "Basic Og=="))) {
          String tag = tagged(cluster.places().get(place).repository(), "1");
          HttpResponse<byte[]> refused = stranger.get(tag);
          assertEquals(401, refused.statusCode());
          assertEquals("", header(refused, "WWW-Authenticate"));
        }
      }
      // Each kind is refused by the other, as often as it asks.
      for (Kind kind : List.of(GO, OURS)) {
        cluster.replace(3, kind, Optional.empty());
        Place other = cluster.places().get(kind == GO ? 0 : 1);
        String tag = tagged(other.repository(), "1");
        Pattern asked = Pattern.compile("\"attempts\":[1-9]");
        Await.until(
            kind + " has asked for what it lacks",
            FOUND_WITHIN,
            () -> {
              HttpResponse<byte[]> answer = cluster.anonymous(3).get(tag);
              assertEquals(404, answer.statusCode());
              return asked.matcher(new String(answer.body(), StandardCharsets.UTF_8)).find();
            });
      }
    }
  }

  @Test
  @Timeout(240)
  void pulls_neverFail_whileEveryNodeChangesItsKind_andBack() {
    try (DockerRegistry upstream = DockerRegistry.start();
        Containerd containerd = Containerd.start(ContainerdVersion.V2);
        MixedCluster cluster =
            cluster(List.of(OURS, OURS, OURS, OURS), Optional.empty(), Optional.empty());
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      cluster.places().forEach(place -> upstream.push(place.image(), place.repository(), "1"));
      MirrorPull pull = new MirrorPull(new RegistryClient(upstream.url()));
      AtomicBoolean done = new AtomicBoolean();
      Future<Integer> plain =
          clients.submit(
              () ->
                  pullUntil(
                      done,
                      cluster,
                      (client, other) -> pull.pull(client, other.repository(), other.image())));
      Future<Integer> real =
          clients.submit(
              () ->
                  pullUntil(
                      done,
                      cluster,
                      (client, other) -> pull(containerd, client.base(), upstream.url(), other)));
      try {
        for (Kind kind : List.of(GO, OURS)) {
          for (int place = 0; place < cluster.places().size(); place++) {
            cluster.replace(place, kind);
          }
          forEachPair(cluster, MixedClusterTest::awaitFound);
        }
      } finally {
        done.set(true);
      }
      System.out.printf(
          "while all nodes changed twice, containerd pulled %d images, and a plain client %d, of"
              + " which %d answers came from mirrors and %d from the upstream%n",
          Together.await(real), Together.await(plain), pull.mirrored(), pull.fromUpstream());
      // What a node that is just away has alone can come from nowhere else.
      assertTrue(pull.mirrored() > pull.fromUpstream() / 2);
    }
  }

  /** Pulls what a node lacks through it, at one place after the other; gives how often it did. */
  private static int pullUntil(AtomicBoolean done, MixedCluster cluster, Pair pull) {
    int places = cluster.places().size();
    int pulled = 0;
    for (; !done.get(); pulled++) {
      int asked = pulled % places;
      int other = (asked + 1 + pulled / places % (places - 1)) % places;
      pull.check(cluster.client(asked), cluster.places().get(other));
    }
    return pulled;
  }

  private static void pull(Containerd containerd, URI mirror, URI upstream, Place other) {
    String reference = "upstream.test/" + other.repository() + ":1";
    containerd.reach("upstream.test", mirror, upstream);
    containerd.fetch(reference).orFail();
    for (Content content : other.image().contents()) {
      assertTrue(Files.exists(containerd.file(content.digest())), content.toString());
    }
    containerd.removeImage(reference);
  }

  @FunctionalInterface
  private interface Pair {
    /** With a client of one node, and what only another has. */
    void check(RegistryClient client, Place other);
  }

  private static void forEachPair(MixedCluster cluster, Pair pair) {
    for (int asked = 0; asked < cluster.places().size(); asked++) {
      for (Place other : cluster.places()) {
        if (!other.equals(cluster.places().get(asked))) {
          pair.check(cluster.client(asked), other);
        }
      }
    }
  }

  /** Waits until the node gives all that the other place has: each piece is announced by itself. */
  private static void awaitFound(RegistryClient client, Place other) {
    awaitFound(client, tagged(other.repository(), "1"), other.image().root());
    for (Content content : other.image().contents()) {
      awaitFound(client, path(other.repository(), content), content);
    }
  }

  private static void awaitFound(RegistryClient client, String path, Content expected) {
    HttpResponse<byte[]> found =
        Await.value(
            client.base() + " serves " + path,
            FOUND_WITHIN,
            () -> Optional.of(client.get(path)).filter(answer -> answer.statusCode() == 200));
    assertArrayEquals(expected.bytes(), found.body(), path);
  }
}
