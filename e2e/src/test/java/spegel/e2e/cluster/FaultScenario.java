package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.Report;

/**
 * One or two nodes have an image, another pulls it, and one of those that have it fails. Every link
 * is as fast as the upstream's, so that to go elsewhere costs nothing but the time to notice.
 *
 * @param midway whether it fails while it sends a layer, and not before it is asked
 * @param providers how many nodes have the image
 */
record FaultScenario(Fault fault, boolean midway, int providers, long seed) {
  private static final long LINK_BYTES_PER_SECOND = 4 << 20;
  private static final int MIN_LAYER_BYTES = 1 << 20;
  private static final int MAX_LAYER_BYTES = 3 << 20;
  private static final int MAX_LAYERS = 3;
  private static final Duration BEGUN_WITHIN = Duration.ofSeconds(20);

  /** How it went. */
  record Outcome(PublishedImage image, Pull pull, long fromUpstream) {}

  /**
   * Runs it on a cluster that is whole, and checks what is promised.
   *
   * @param client how layers are asked for, for the report
   */
  Outcome run(Cluster cluster, String client) {
    RandomGenerator random = Seeds.random(fault.name() + midway + providers, seed);
    PublishedImage image = cluster.upstream().publish(image(random));
    List<ClusterNode> holders = cluster.nodes().subList(0, providers);
    ClusterNode puller = cluster.nodes().getLast();
    cluster.provide(image, holders, puller);
    cluster.upstream().network().limit(LINK_BYTES_PER_SECOND);
    holders.forEach(holder -> holder.network().limit(LINK_BYTES_PER_SECOND));
    Pull direct = cluster.control().pull(image).orFail();
    Pull pull =
        midway
            ? pullAndStrike(image, holders, puller, random)
            : strikeAndPull(image, holders, puller, random);
    long fromUpstream = cluster.upstream().layerBytes(puller, image);
    new Report(client + ": " + this)
        .with("direct", direct.took().toMillis())
        .with("pull", pull.took().toMillis())
        .with("longer", pull.longerThan(direct).toMillis())
        .with("layers", image.layerBytes())
        .with("upstream", fromUpstream)
        .check(
            () -> {
              pull.orFail();
              puller.assertStored(image);
              pull.assertHardlyLongerThan(direct);
              assertUpstream(image, fromUpstream);
            });
    return new Outcome(image, pull, fromUpstream);
  }

  private void assertUpstream(PublishedImage image, long bytes) {
    if (providers > 1) {
      assertEquals(0, bytes, "bytes from the upstream, although another node has them");
    } else if (midway) {
      assertTrue(bytes < image.layerBytes(), "all from the upstream, although half was there");
    } else {
      assertTrue(bytes <= image.layerBytes(), "more than there is");
    }
  }

  private static OciImage image(RandomGenerator random) {
    ImageBuilder builder = ImageBuilder.oci(random.nextLong());
    int layers = random.nextInt(1, MAX_LAYERS + 1);
    for (int i = 0; i < layers; i++) {
      builder.plainLayer(random.nextInt(MIN_LAYER_BYTES, MAX_LAYER_BYTES));
    }
    return builder.build();
  }

  private Pull strikeAndPull(
      PublishedImage image, List<ClusterNode> holders, ClusterNode client, RandomGenerator random) {
    fault.strike(holders.get(random.nextInt(holders.size())));
    return client.pull(image);
  }

  private Pull pullAndStrike(
      PublishedImage image, List<ClusterNode> holders, ClusterNode client, RandomGenerator random) {
    long share = (long) (image.layerBytes() * random.nextDouble(0.1, 0.4));
    long[] before = holders.stream().mapToLong(holder -> holder.network().sentBytes()).toArray();
    RunningPull pull = client.startPull(image);
    ClusterNode sender =
        pull.awaitMeanwhile(
            share + " bytes have come from a node",
            BEGUN_WITHIN,
            () -> {
              for (int i = 0; i < before.length; i++) {
                if (holders.get(i).network().sentBytes() - before[i] > share) {
                  return Optional.of(holders.get(i));
                }
              }
              return Optional.empty();
            });
    fault.strike(sender);
    return pull.await();
  }

  @Override
  public String toString() {
    return "%s %s, %d of %d providers, seed %d"
        .formatted(fault, midway ? "midway" : "before", 1, providers, seed);
  }
}
