package spegel.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.ProcessMemory;
import spegel.e2e.harness.Report;
import spegel.e2e.harness.Together;

/**
 * What {@code bench/run pulls} reports: a node pulls an image and then all others do at once, in
 * turns with pulls of another such image from a registry and no mirror between. It holds nothing
 * against a bound, and no run of the tests includes it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PullsBenchmark {
  private static final int NODES = 8;
  private static final int ROUNDS = 3;
  private static final int LAYERS = 4;
  private static final int LAYER_BYTES = 64 << 20;
  private static final Duration COMMITTED_WITHIN = Duration.ofSeconds(60);
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(15);

  /** A node remembers for 100 ms that it found nobody, so each is asked when it has forgotten. */
  private static final long ASK_NEXT_NODE_NANOS = 15_000_000;

  private Cluster cluster;
  private Upstream local;
  private ClusterNode first;
  private List<ClusterNode> others;
  private long images;

  @BeforeAll
  void start() {
    cluster = Cluster.of(NODES, ContainerdVersion.V2).mirrorFlags("--log-level=INFO").start();
    local = new Upstream();
    first = cluster.node(1);
    others = cluster.nodes().subList(1, NODES);
    others.forEach(node -> node.containerd().reach(local.authority(), local.registry().url()));
  }

  @AfterAll
  void stop() {
    local.close();
    cluster.close();
  }

  @Test
  @Timeout(300)
  void pulls() {
    for (int round = 1; round <= ROUNDS; round++) {
      PublishedImage image = publish(cluster.upstream());
      pullAndWatch(image, round);
      pullFromOneNode(image, round);
      pullAgain(image, round);
      cluster.heal();
      pullFromRegistry(publish(local), round);
      cluster.heal();
    }
    for (ClusterNode node : cluster.nodes()) {
      new Report("memory")
          .with("memory", ProcessMemory.of(node.mirror().process().pid()).peakKib())
          .write();
    }
  }

  private PublishedImage publish(Upstream registry) {
    ImageBuilder builder = ImageBuilder.oci(++images);
    for (int i = 0; i < LAYERS; i++) {
      builder.noiseLayer(LAYER_BYTES);
    }
    return registry.publish(builder.build());
  }

  /** The first node pulls from the upstream, while others are asked for what it has by then. */
  private void pullAndWatch(PublishedImage image, int round) {
    List<Content> blobs = image.image().blobs();
    settle();
    RunningPull pull = first.startPull(image);
    Together.times(
        blobs.size(),
        i -> {
          Duration found = untilFound(image, blobs.get(i));
          new Report("found, round " + round).with("found", millis(found)).write();
        });
    pull.await().orFail();
  }

  /** From the first node's commit of the blob until a mirror of another node finds it. */
  private Duration untilFound(PublishedImage image, Content blob) {
    Instant committed = Await.value("commit of " + blob, COMMITTED_WITHIN, () -> committed(blob));
    for (int asked = 0; ; asked++) {
      if (others.get(asked % others.size()).finds(image, blob)) {
        return Duration.between(committed, Instant.now());
      }
      if (Duration.between(committed, Instant.now()).compareTo(FOUND_WITHIN) > 0) {
        throw new AssertionError("not within %s: found: %s".formatted(FOUND_WITHIN, blob));
      }
      LockSupport.parkNanos(ASK_NEXT_NODE_NANOS);
    }
  }

  /** When the first node's containerd gave the blob its name, the last change of its inode. */
  private Optional<Instant> committed(Content blob) {
    Path file = first.containerd().file(blob.digest());
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void pullFromOneNode(PublishedImage image, int round) {
    others.getFirst().awaitFound(image); // The manifest and its tag, too.
    settle();
    long sent = cluster.upstream().network().sentBytes();
    Duration took = pullAtOnce(image);
    long layers =
        others.stream().mapToLong(node -> cluster.upstream().layerBytes(node, image)).sum();
    new Report("from one node, round " + round)
        .with("pull", millis(took))
        .with("upstream", layers)
        .with("link", cluster.upstream().network().sentBytes() - sent)
        .write();
  }

  private void pullFromRegistry(PublishedImage image, int round) {
    settle();
    new Report("from a registry, round " + round).with("direct", millis(pullAtOnce(image))).write();
  }

  /** All nodes but the first pull; returns how long the last took. */
  private Duration pullAtOnce(PublishedImage image) {
    long began = System.nanoTime();
    List<RunningPull> pulls = others.stream().map(node -> node.startPull(image)).toList();
    pulls.forEach(pull -> pull.await().orFail());
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** One node pulls what it had and its neighbours have; then the one without a mirror does. */
  private void pullAgain(PublishedImage image, int round) {
    ClusterNode node = others.getLast();
    long before = cluster.upstream().layerBytes(node, image);
    node.containerd().removeImage(image.tagged());
    settle();
    Pull again = node.pull(image).orFail();
    long layers = cluster.upstream().layerBytes(node, image) - before;
    settle();
    Pull direct = cluster.control().pull(image).orFail();
    new Report("again, round " + round)
        .with("again", millis(again.took()))
        .with("again-upstream", layers)
        .with("again-direct", millis(direct.took()))
        .write();
  }

  /** What was written before must not be written to the disk while something is measured. */
  private void settle() {
    Command.run("sync", "--file-system", first.containerd().contentPath().toString()).orFail();
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }
}
