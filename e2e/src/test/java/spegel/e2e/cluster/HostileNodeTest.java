package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.Report;

/**
 * The only node that has an image answers with malice: others do without it, and containerd never
 * stores what is wrong.
 */
class HostileNodeTest extends OnACluster {
  /** 2 s beyond what the upstream takes, on a busy machine. */
  private static final Duration ALLOWED = Duration.ofSeconds(5);

  private ClusterNode holder;
  private ClusterNode client;
  private HostileRegistry registry;

  HostileNodeTest() {
    super(Cluster.of(2, ContainerdVersion.V2));
  }

  @BeforeAll
  void turnHostile() {
    holder = cluster.node(1);
    client = cluster.node(2);
    registry = cluster.turnHostile(holder);
  }

  @AfterAll
  void closeRegistry() {
    registry.close();
  }

  @AfterEach
  void startMirror() {
    cluster.startMirror(client);
  }

  @ParameterizedTest
  @EnumSource
  void pull_succeeds_whenTheOnlyProviderIsHostile(Malice malice) {
    RandomGenerator random = Seeds.random(malice.name(), 1);
    PublishedImage image =
        cluster
            .upstream()
            .publish(
                ImageBuilder.oci(random.nextLong())
                    .plainLayer(random.nextInt(1 << 20, 2 << 20))
                    .plainLayer(random.nextInt(1, 1 << 16))
                    .build());
    Pull direct = cluster.control().pull(image).orFail();
    registry.behave(malice);
    holder.pull(image).orFail();
    client.awaitFound(image, image.image().blobs());
    Pull first = client.pull(image);
    Pull last = first.succeeded() || !malice.deceives() ? first : client.pullAgain(image);
    Duration longer = first.took().minus(direct.took());
    new Report("hostile node, %s, seed 1".formatted(malice))
        .with("longer", longer.toMillis())
        .with("first", first.outcome().exitCode())
        .with("last", last.outcome().exitCode())
        .with("layers", image.layerBytes())
        .with("upstream", cluster.upstream().layerBytes(client, image))
        .check(
            () -> {
              last.orFail();
              client.assertStored(image);
              assertTrue(longer.compareTo(ALLOWED) <= 0, () -> "longer by " + longer);
            });
  }
}
