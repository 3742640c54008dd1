package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.Report;
import spegel.e2e.harness.Together;

/** An image that one node has is there for all: nothing of it comes from the upstream again. */
class MirrorTest extends OnACluster {
  /** ARP, and what else a link carries without anybody asking. */
  private static final long NOISE_BYTES = 16 << 10;

  /** It is to be 200 ms; five times that on a busy machine. */
  private static final Duration ANNOUNCED_WITHIN = Duration.ofSeconds(1);

  private static final Duration FOUND_WITHIN = Duration.ofSeconds(20);

  MirrorTest() {
    super(Cluster.of(3, ContainerdVersion.V2));
  }

  private PublishedImage publish(String test, long seed) {
    RandomGenerator random = Seeds.random(test, seed);
    ImageBuilder builder = ImageBuilder.oci(random.nextLong());
    OciImage image =
        builder
            .gzipLayer(random.nextInt(1 << 20, 4 << 20))
            .zstdLayer(random.nextInt(1 << 10, 1 << 20))
            .plainLayer(random.nextInt(1, 1 << 10))
            .build();
    return cluster.upstream().publish(image);
  }

  private static Set<String> keys(PublishedImage image) {
    return Stream.concat(
            Stream.of(image.tagged()),
            image.image().contents().stream().map(content -> content.digest().toString()))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_takesNothingFromTheUpstream_whenAnotherNodeHasTheImage(long seed) {
    PublishedImage image = publish("nothing", seed);
    ClusterNode first = cluster.node(1);
    first.pull(image).orFail();
    assertEquals(image.layerBytes(), cluster.upstream().layerBytes(first, image));
    first.mirror().awaitEvents("CREATE", keys(image));
    List<ClusterNode> others = List.of(cluster.node(2), cluster.node(3));
    others.forEach(node -> node.awaitFound(image));
    Pull direct = cluster.control().pull(image).orFail();
    long before = cluster.upstream().network().sentBytes();
    for (ClusterNode node : others) {
      node.pull(image).orFail().assertHardlyLongerThan(direct);
      node.assertStored(image);
      node.mirror().awaitEvents("CREATE", keys(image));
      assertEquals(List.of(), cluster.upstream().accesses(node, image));
    }
    long sent = cluster.upstream().network().sentBytes() - before;
    assertTrue(sent < NOISE_BYTES, () -> "the upstream has sent " + sent + " bytes");
  }

  /** A layer is there for others when containerd has committed it, before the image is complete. */
  @ParameterizedTest
  @MethodSource("seeds")
  void content_isFoundByOthers_soonAfterItIsCommitted(long seed) {
    PublishedImage image = publish("soon", seed);
    cluster.upstream().network().limit(4 << 20);
    List<Content> layers = image.layers();
    ConcurrentLinkedQueue<Duration> delays = new ConcurrentLinkedQueue<>();
    RunningPull pull = cluster.node(1).startPull(image);
    Together.times(
        layers.size(),
        i -> delays.add(awaitFoundAfterCommit(cluster.node(2 + i % 2), image, layers.get(i))));
    pull.await().orFail();
    List<Long> millis = delays.stream().map(Duration::toMillis).sorted().toList();
    new Report("found after the commit, seed " + seed)
        .with("millis", millis)
        .with("latest", millis.getLast())
        .check(
            () ->
                assertTrue(
                    millis.getLast() <= ANNOUNCED_WITHIN.toMillis(),
                    () -> "found after " + millis));
  }

  private Duration awaitFoundAfterCommit(ClusterNode node, PublishedImage image, Content content) {
    Instant found =
        Await.value(
            "found: " + content,
            FOUND_WITHIN,
            () -> node.finds(image, content) ? Optional.of(Instant.now()) : Optional.empty());
    return Duration.between(committed(cluster.node(1), content), found);
  }

  /** When its file got the name that it has: containerd does that when all of it is there. */
  private static Instant committed(ClusterNode node, Content content) {
    try {
      FileTime changed =
          (FileTime) Files.getAttribute(node.containerd().file(content.digest()), "unix:ctime");
      return changed.toInstant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void tagsAndDigests_arePulled_whileTheUpstreamIsOff(long seed) {
    PublishedImage tagged = publish("off by tag", seed);
    PublishedImage byDigest = publish("off by digest", seed);
    ClusterNode client = cluster.node(3);
    cluster.provide(tagged, List.of(cluster.node(1)), client);
    cluster.provide(byDigest, List.of(cluster.node(2)), client);
    Pull direct = cluster.control().pull(tagged).orFail();
    if (seed % 2 == 0) {
      cluster.upstream().network().unplug();
    } else {
      cluster.upstream().registry().kill();
    }
    client.pull(tagged).orFail().assertHardlyLongerThan(direct);
    client.assertStored(tagged);
    client.pull(byDigest.byDigest()).orFail().assertHardlyLongerThan(direct);
    client.assertContentStored(byDigest);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_goesUpstream_whenTheOnlyOneThatHadTheImageHasItNoMore(long seed) {
    PublishedImage image = publish("deleted", seed);
    ClusterNode holder = cluster.node(1);
    ClusterNode client = cluster.node(2);
    cluster.provide(image, List.of(holder), client);
    if (seed % 2 == 0) {
      // Of which nobody is told.
      image.image().blobs().forEach(blob -> holder.containerd().removeContent(blob.digest()));
    } else {
      holder.containerd().removeImage(image.tagged());
    }
    Pull pull = client.pull(image).orFail();
    client.assertStored(image);
    assertEquals(image.layerBytes(), cluster.upstream().layerBytes(client, image));
    pull.assertHardlyLongerThan(cluster.control().pull(image).orFail());
  }
}
