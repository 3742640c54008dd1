package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.Together;

/** What the tests of a cluster stand on: faults that befall a link, and what is counted. */
class ClusterTest extends OnACluster {
  private static final OciImage IMAGE = ImageBuilder.oci(1).gzipLayer(2 << 20).build();

  /** curl's exit code. */
  private static final int TIMED_OUT = 28;

  ClusterTest() {
    super(Cluster.of(2, ContainerdVersion.V2));
  }

  @Test
  void pull_isCountedAtTheUpstream_whenNobodyElseHasTheImage() {
    PublishedImage image = cluster.upstream().publish(IMAGE);
    for (ClusterNode node : List.of(cluster.node(1), cluster.control())) {
      long before = cluster.upstream().network().sentBytes();
      node.pull(image).orFail();
      node.assertStored(image);
      assertEquals(image.layerBytes(), cluster.upstream().layerBytes(node, image));
      long sent = cluster.upstream().network().sentBytes() - before;
      assertTrue(sent > image.layerBytes() && sent < 2 * image.layerBytes(), sent + " bytes");
      cluster.heal();
    }
  }

  @Test
  void limit_slowsWhatIsSent_untilItIsTakenBack() {
    PublishedImage image = cluster.upstream().publish(IMAGE);
    cluster.upstream().network().limit(1 << 20);
    Duration slow = cluster.control().pull(image).orFail().took();
    assertTrue(slow.compareTo(Duration.ofMillis(1900)) > 0, () -> "2 MiB took " + slow);
    cluster.heal();
    Duration fast = cluster.control().pull(image).orFail().took();
    assertTrue(fast.compareTo(slow) < 0, () -> fast + " without a limit, " + slow + " with one");
  }

  @Test
  void unplug_losesEveryPacketWithoutAWord_untilItIsPlugged() {
    assertTrue(cluster.node(1).mirror().ready());
    cluster.node(1).unplug();
    Together.run(
        () -> assertEquals(TIMED_OUT, connect(cluster.node(2), cluster.node(1))),
        () -> assertEquals(TIMED_OUT, connect(cluster.node(1), cluster.node(2))));
    cluster.node(1).network().plug();
    assertEquals(0, connect(cluster.node(2), cluster.node(1)));
  }

  private static int connect(ClusterNode from, ClusterNode to) {
    String url = to.mirror().registry().base() + "/livez";
    return Command.run(from.network().wrap(List.of("curl", "-sS", "--connect-timeout", "4", url)))
        .exitCode();
  }

  @Test
  void pull_fails_whenTheOnlyOneThatHasTheImageIsGone() {
    PublishedImage image = cluster.upstream().publish(IMAGE);
    cluster.upstream().registry().kill();
    assertFalse(cluster.control().pull(image).succeeded());
    cluster.upstream().registry().restart();
    cluster.control().pull(image).orFail();
  }

  @Test
  void heal_takesEverythingBack_whenANodeWasHit() {
    PublishedImage image = cluster.upstream().publish(IMAGE);
    ClusterNode node = cluster.node(1);
    node.pull(image).orFail();
    node.corrupt(image.layers().getFirst());
    assertThrows(AssertionError.class, () -> node.assertStored(image));
    node.killMirror();
    node.slowDown();
    cluster.heal();
    assertTrue(node.mirror().ready());
    node.pull(image).orFail();
    node.assertStored(image);
  }
}
