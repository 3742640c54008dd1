package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.Report;

/** Nodes come and go, as in an upgrade of a cluster, and many images are wanted at once. */
class ChurnTest extends OnACluster {
  private static final int IMAGES_AT_ONCE = 20;
  private static final long SLOW_BYTES_PER_SECOND = 2 << 20;
  private static final Duration BEGUN_WITHIN = Duration.ofSeconds(20);

  ChurnTest() {
    super(Cluster.of(3, ContainerdVersion.V2));
  }

  private PublishedImage publish(RandomGenerator random, int maxLayerBytes) {
    return cluster
        .upstream()
        .publish(
            ImageBuilder.oci(random.nextLong())
                .gzipLayer(random.nextInt(maxLayerBytes / 2, maxLayerBytes))
                .gzipLayer(random.nextInt(1, maxLayerBytes))
                .build());
  }

  private void assertPulledFromPeers(ClusterNode client, PublishedImage image) {
    Pull pull = client.pull(image).orFail();
    client.assertStored(image);
    assertEquals(0, cluster.upstream().layerBytes(client, image));
    pull.assertHardlyLongerThan(cluster.control().pull(image).orFail());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_takesNothingFromTheUpstream_afterTheHoldersContainerdWasKilled(long seed) {
    PublishedImage image = publish(Seeds.random("containerd", seed), 1 << 20);
    ClusterNode holder = cluster.node(1);
    cluster.provide(image, List.of(holder), cluster.node(2));
    holder.containerd().kill();
    holder.containerd().restart();
    // It has lost nothing, and tags are served as soon as it has been asked what it has.
    cluster.node(2).awaitFound(image);
    assertPulledFromPeers(cluster.node(2), image);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_takesNothingFromTheUpstream_afterTheHoldersMirrorWasStartedAnew(long seed) {
    PublishedImage image = publish(Seeds.random("mirror", seed), 1 << 20);
    ClusterNode holder = cluster.node(1);
    cluster.provide(image, List.of(holder), cluster.node(2));
    cluster.startMirror(holder);
    cluster.node(3).awaitFound(image);
    assertPulledFromPeers(cluster.node(3), image);
    cluster.node(2).awaitFound(image);
    assertPulledFromPeers(cluster.node(2), image);
  }

  /** A mirror that is told to end lets what it sends come to its end. */
  @ParameterizedTest
  @MethodSource("seeds")
  void pull_takesNothingFromTheUpstream_whenTheHoldersMirrorEndsInOrder(long seed) {
    RandomGenerator random = Seeds.random("order", seed);
    PublishedImage image =
        cluster.upstream().publish(ImageBuilder.oci(random.nextLong()).gzipLayer(4 << 20).build());
    ClusterNode holder = cluster.node(1);
    ClusterNode client = cluster.node(2);
    cluster.provide(image, List.of(holder), client);
    holder.network().limit(SLOW_BYTES_PER_SECOND);
    RunningPull pull = pullHalfway(client, holder, image, random);
    holder.endMirror();
    pull.await().orFail();
    client.assertStored(image);
    assertEquals(0, cluster.upstream().layerBytes(client, image));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_succeeds_whenTheClientsOwnMirrorIsKilledAndStartedAnew(long seed) {
    RandomGenerator random = Seeds.random("own", seed);
    PublishedImage image =
        cluster.upstream().publish(ImageBuilder.oci(random.nextLong()).gzipLayer(4 << 20).build());
    PublishedImage next = publish(random, 1 << 20);
    ClusterNode holder = cluster.node(1);
    ClusterNode client = cluster.node(2);
    cluster.provide(image, List.of(holder), client);
    cluster.provide(next, List.of(holder), client);
    holder.network().limit(SLOW_BYTES_PER_SECOND);
    RunningPull pull = pullHalfway(client, holder, image, random);
    client.killMirror();
    Pull first = pull.await();
    // What a kubelet does with a pull that failed: a reset connection fails a layer.
    (first.succeeded() ? first : client.pullAgain(image)).orFail();
    client.assertStored(image);
    cluster.startMirror(client);
    client.awaitFound(next);
    assertPulledFromPeers(client, next);
  }

  private static RunningPull pullHalfway(
      ClusterNode client, ClusterNode holder, PublishedImage image, RandomGenerator random) {
    long share = (long) (image.layerBytes() * random.nextDouble(0.1, 0.5));
    long before = holder.network().sentBytes();
    RunningPull pull = client.startPull(image);
    boolean begun =
        pull.awaitMeanwhile(
            share + " bytes have come",
            BEGUN_WITHIN,
            () ->
                holder.network().sentBytes() - before > share
                    ? Optional.of(true)
                    : Optional.empty());
    assertEquals(true, begun);
    return pull;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_takesNothingFromTheUpstream_onANodeThatJoins(long seed) {
    PublishedImage image = publish(Seeds.random("join", seed), 1 << 20);
    cluster.provide(image, List.of(cluster.node(1)), cluster.node(2));
    ClusterNode joined = cluster.join();
    try {
      joined.awaitFound(image);
      assertPulledFromPeers(joined, image);
    } finally {
      cluster.leave(joined);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pulls_takeNothingFromTheUpstream_whenManyImagesAreWantedAtOnce(long seed) {
    RandomGenerator random = Seeds.random("many", seed);
    List<PublishedImage> images =
        IntStream.range(0, IMAGES_AT_ONCE).mapToObj(_ -> publish(random, 200_000)).toList();
    ClusterNode holder = cluster.node(1);
    ClusterNode client = cluster.node(2);
    images.stream().map(holder::startPull).toList().forEach(pull -> pull.await().orFail());
    images.forEach(client::awaitFound);
    Duration direct = pullAllAtOnce(cluster.control(), images);
    Duration took = pullAllAtOnce(client, images);
    new Report("%d images at once, seed %d".formatted(IMAGES_AT_ONCE, seed))
        .with("direct", direct.toMillis())
        .with("pull", took.toMillis())
        .with("longer", took.minus(direct).toMillis())
        .check(
            () -> {
              assertTrue(took.compareTo(direct.plusSeconds(2)) <= 0, () -> took + " " + direct);
              for (PublishedImage image : images) {
                client.assertStored(image);
                assertEquals(0, cluster.upstream().layerBytes(client, image));
              }
            });
  }

  private static Duration pullAllAtOnce(ClusterNode node, List<PublishedImage> images) {
    long began = System.nanoTime();
    images.stream().map(node::startPull).toList().forEach(pull -> pull.await().orFail());
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
