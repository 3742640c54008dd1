package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.Report;

/** A node whose disk has gone bad gives others wrong bytes: they do not stay with it. */
class WrongBytesTest extends OnACluster {
  WrongBytesTest() {
    super(Cluster.of(3, ContainerdVersion.V2));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_succeedsAtTheSecondTry_whenANodeServesWrongBytes(long seed) {
    PublishedImage image = provideWrong(seed, 1);
    ClusterNode client = cluster.node(3);
    Pull first = client.pull(image);
    Pull last = first.succeeded() ? first : client.pullAgain(image);
    Pull direct = cluster.control().pull(image).orFail();
    report("suspicion", seed, image, first, last, direct)
        .check(
            () -> {
              last.orFail().assertHardlyLongerThan(direct);
              client.assertStored(image);
            });
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_succeedsAtTheSecondTryWithoutTheUpstream_whenAnotherNodeServesRightOnes(long seed) {
    PublishedImage image = provideWrong(seed, 2);
    ClusterNode client = cluster.node(3);
    Pull first = client.pull(image);
    Pull last = first.succeeded() ? first : client.pullAgain(image);
    Pull direct = cluster.control().pull(image).orFail();
    report("suspicion, two providers", seed, image, first, last, direct)
        .check(
            () -> {
              last.orFail().assertHardlyLongerThan(direct);
              client.assertStored(image);
              assertEquals(0, cluster.upstream().layerBytes(client, image));
            });
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void pull_succeedsAtOnce_whenEveryBlobIsVerified(long seed) {
    ClusterNode client = cluster.node(3);
    cluster.startMirror(client, "--verify-blobs=always");
    PublishedImage image = provideWrong(seed, 1);
    Pull pull = client.pull(image);
    Pull direct = cluster.control().pull(image).orFail();
    report("always", seed, image, pull, pull, direct)
        .check(
            () -> {
              pull.orFail().assertHardlyLongerThan(direct);
              client.assertStored(image);
            });
    // The other tests have it as it is unless told.
    cluster.startMirror(client);
  }

  /** Some nodes have the image, and one of its blobs is not what it was on the first of them. */
  private PublishedImage provideWrong(long seed, int providers) {
    RandomGenerator random = Seeds.random("wrong" + providers, seed);
    ImageBuilder builder = ImageBuilder.oci(random.nextLong());
    int layers = random.nextInt(1, 4);
    for (int i = 0; i < layers; i++) {
      builder.plainLayer(random.nextInt(1 << 10, 3 << 20));
    }
    PublishedImage image = cluster.upstream().publish(builder.build());
    cluster.provide(image, cluster.nodes().subList(0, providers), cluster.node(3));
    List<Content> blobs = image.image().blobs();
    cluster.node(1).corrupt(blobs.get(random.nextInt(blobs.size())));
    return image;
  }

  private Report report(
      String mode, long seed, PublishedImage image, Pull first, Pull last, Pull direct) {
    return new Report("wrong bytes, %s, seed %d".formatted(mode, seed))
        .with("first", first.outcome().exitCode())
        .with("last", last.outcome().exitCode())
        .with("direct", direct.took().toMillis())
        .with("pull", last.took().toMillis())
        .with("longer", last.longerThan(direct).toMillis())
        .with("layers", image.layerBytes())
        .with("upstream", cluster.upstream().layerBytes(cluster.node(3), image));
  }
}
