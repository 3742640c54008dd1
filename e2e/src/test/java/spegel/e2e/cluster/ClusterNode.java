package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.Spegel;
import spegel.e2e.harness.SpegelNode;

/**
 * A machine of the cluster: a containerd in a network of its own and, mostly, a mirror beside it.
 */
final class ClusterNode implements AutoCloseable {
  /** One for all nodes: a provider is asked at one's own port. */
  static final int REGISTRY_PORT = 5000;

  private static final int OTHER_PORT = 5002;
  private static final int ROUTER_PORT = 5001;
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(15);
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(30);
  private static final long SLOW_BYTES_PER_SECOND = 10 << 10;
  private static final int OK = 200;

  private final NetworkNamespace network;
  private final Containerd containerd;
  private @Nullable SpegelNode mirror;
  private boolean aside;
  private boolean struck;

  private ClusterNode(NetworkNamespace network, Containerd containerd) {
    this.network = network;
    this.containerd = containerd;
  }

  /** One that asks its own mirror first, which does not run yet. */
  static ClusterNode mirrored(
      NetworkNamespace network, Containerd.Builder containerd, String registry) {
    ClusterNode node = new ClusterNode(network, containerd.in(network).start());
    Spegel.run(
            "configuration",
            "--containerd-registry-config-path",
            node.containerd.hostsFolder().toString(),
            "--mirrored-registries",
            "http://" + registry,
            "--mirror-targets",
            "http://" + network.address() + ":" + REGISTRY_PORT)
        .orFail();
    return node;
  }

  /** One that has no mirror and goes to the registry. */
  static ClusterNode direct(
      NetworkNamespace network, Containerd.Builder containerd, Upstream upstream) {
    ClusterNode node = new ClusterNode(network, containerd.in(network).start());
    node.containerd.reach(upstream.authority(), upstream.registry().url());
    return node;
  }

  NetworkNamespace network() {
    return network;
  }

  Containerd containerd() {
    return containerd;
  }

  /** Its mirror, which must have been started. */
  SpegelNode mirror() {
    if (mirror == null) {
      throw new AssertionError("there is no mirror at " + network.address());
    }
    return mirror;
  }

  /** Where other nodes' routers find its own. */
  static String routerAddress(NetworkNamespace network) {
    return "/ip4/" + network.address() + "/tcp/" + ROUTER_PORT;
  }

  /** Starts its mirror, which looks for others at these addresses, and waits for nothing. */
  void launchMirror(List<String> bootstrapPeers, String... flags) {
    struck = false;
    mirror =
        SpegelNode.beside(containerd)
            .in(network)
            .registryPort(aside ? OTHER_PORT : REGISTRY_PORT)
            .routerPort(ROUTER_PORT)
            .flags("--log-level=DEBUG", "--bootstrap-kind=static")
            .flags("--static-bootstrap-peers")
            .flags(bootstrapPeers.toArray(String[]::new))
            .flags(flags)
            .launch();
  }

  /** Waits until its mirror is ready and connected with so many others. */
  void awaitMirror(int peers) {
    Await.until("the mirror is ready", STARTED_WITHIN, () -> mirror().ready());
    Await.until(
        peers + " peers",
        STARTED_WITHIN,
        () -> mirror().metrics().value("spegel_router_connected_peers").orElse(-1) >= peers);
  }

  /** Has its mirror serve where no other node asks it, so that something else can answer there. */
  void standAside() {
    aside = true;
  }

  /** Kills its mirror, as a crash would; nothing when it does not run. */
  void killMirror() {
    struck = true;
    if (mirror != null && mirror.process().alive()) {
      mirror.process().kill();
    }
  }

  /** Tells its mirror to end in order, and returns at once. */
  void endMirror() {
    struck = true;
    mirror().process().terminate();
  }

  /** Loses every packet to it and from it from now on. */
  void unplug() {
    struck = true;
    network.unplug();
  }

  /** Lets it send next to nothing from now on. */
  void slowDown() {
    struck = true;
    network.limit(SLOW_BYTES_PER_SECOND);
  }

  /** Whether it was hit since its mirror began, so that others may think ill of it. */
  boolean struck() {
    return struck;
  }

  /** Pulls the image, by its tag. */
  Pull pull(PublishedImage image) {
    return startPull(image).await();
  }

  /** Pulls the image by this name, which has its tag or its digest. */
  Pull pull(String reference) {
    return RunningPull.start(() -> containerd.pull(reference)).await();
  }

  /**
   * Pulls the image, by its tag, as a kubelet does after a pull that failed: some time later. Wrong
   * bytes that have come in full stay until containerd collects garbage, and a pull before that
   * would find them and ask nobody.
   */
  Pull pullAgain(PublishedImage image) {
    Await.until(
        "what came is forgotten", FOUND_WITHIN, () -> entries(containerd.ingestFolder()) == 0);
    return pull(image);
  }

  /** Begins to pull the image, by its tag. */
  RunningPull startPull(PublishedImage image) {
    return RunningPull.start(() -> containerd.pull(image.tagged()));
  }

  /** Whether its mirror has the content or finds somebody who has. */
  boolean finds(PublishedImage image, Content content) {
    return mirror().registry().head(image.path(content)).statusCode() == OK;
  }

  /** Waits until its mirror finds all of the image, its tag too. */
  void awaitFound(PublishedImage image) {
    Await.until(
        "the tag is found: " + image.tagged(),
        FOUND_WITHIN,
        () -> mirror().registry().head(image.tagPath()).statusCode() == OK);
    awaitFound(image, image.image().contents());
  }

  /** Waits until its mirror finds these parts of the image. */
  void awaitFound(PublishedImage image, Collection<Content> contents) {
    for (Content content : contents) {
      Await.until("found: " + content, FOUND_WITHIN, () -> finds(image, content));
    }
  }

  /** That containerd has the image under its name, and every byte as it was published. */
  void assertStored(PublishedImage image) {
    assertTrue(containerd.images().contains(image.tagged()), () -> "no image " + image.tagged());
    assertContentStored(image);
  }

  /** That containerd has every byte of the image as it was published. */
  void assertContentStored(PublishedImage image) {
    for (Content content : image.image().contents()) {
      assertArrayEquals(
          content.bytes(), read(containerd.file(content.digest())), () -> "stored as " + content);
    }
  }

  /** Overwrites what containerd has of this content with as many other bytes, in its own file. */
  void corrupt(Content content) {
    struck = true;
    byte[] other = content.bytes().clone();
    for (int i = other.length / 2; i < other.length; i++) {
      other[i] ^= 0x55;
    }
    try {
      Files.write(containerd.file(content.digest()), other, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends all faults but those of its mirror, and removes all images. */
  void heal() {
    network.unlimited();
    network.plug();
    List<String> images = containerd.images();
    if (!images.isEmpty()) {
      containerd.removeImages(images);
    }
  }

  private static long entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    killMirror();
    containerd.close();
    network.close();
  }
}
