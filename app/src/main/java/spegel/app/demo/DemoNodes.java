package spegel.app.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import spegel.app.command.CommandFailedException;
import spegel.oci.Descriptor;

/** All nodes of the demo. */
final class DemoNodes implements AutoCloseable {
  static final int COUNT = 3;

  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(30);
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(30);

  private final List<DemoNode> nodes;

  private DemoNodes(List<DemoNode> nodes) {
    this.nodes = nodes;
  }

  /** Starts all; when this returns each is ready and knows all others. */
  static DemoNodes start(Path folder, String agentVersion)
      throws IOException, InterruptedException {
    List<InetAddress> addresses = Loopback.addresses(COUNT);
    DemoNode.Cluster cluster =
        new DemoNode.Cluster(addresses, Loopback.freePort(addresses), Loopback.freePort(addresses));
    DemoNodes nodes = new DemoNodes(new ArrayList<>());
    try {
      for (int i = 0; i < COUNT; i++) {
        nodes.nodes.add(DemoNode.start(cluster, i, folder, agentVersion));
      }
      for (DemoNode node : nodes.nodes) {
        if (!Patience.await(CONNECTED_WITHIN, () -> node.isConnectedTo(COUNT - 1))) {
          throw new CommandFailedException(
              node.name()
                  + " does not find the others within "
                  + CONNECTED_WITHIN.toSeconds()
                  + " s");
        }
      }
      return nodes;
    } catch (IOException | InterruptedException | RuntimeException e) {
      nodes.close();
      throw e;
    }
  }

  DemoNode get(int index) {
    return nodes.get(index);
  }

  /** All but this one. */
  List<DemoNode> without(int index) {
    List<DemoNode> others = new ArrayList<>(nodes);
    others.remove(index);
    return others;
  }

  /**
   * Waits until a node that has pulled the image lists it, and another finds all of it by its name
   * and its digests; gives how long that took.
   */
  Duration awaitFound(int owner, int asking, DemoImage image)
      throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    RegistryClient own = RegistryClient.asPeer(get(owner).registryAddress());
    RegistryClient other = RegistryClient.of(get(asking).registryAddress());
    for (RegistryClient client : List.of(own, other)) {
      await(asking, () -> client.resolve(image.name()).isPresent());
      for (Descriptor content : image.content()) {
        await(asking, () -> client.hasBlob(image.name(), content.digest()));
      }
    }
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private void await(int asking, Patience.Condition condition)
      throws IOException, InterruptedException {
    if (!Patience.await(FOUND_WITHIN, condition)) {
      throw new IOException(
          get(asking).name()
              + " does not find what its peer has within "
              + FOUND_WITHIN.toSeconds()
              + " s");
    }
  }

  /** Stops all at the same time, and waits for it even when interrupted. */
  @Override
  public void close() {
    try (ExecutorService stoppers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> stopping =
          nodes.stream().map(node -> CompletableFuture.runAsync(node::close, stoppers)).toList();
      stopping.forEach(CompletableFuture::join);
    }
  }
}
