package spegel.e2e.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.Together;

/**
 * Nodes that know each other, an upstream, and one more node that has no mirror: what it takes is
 * what the others are measured against.
 */
final class Cluster implements AutoCloseable {
  private static final int MARKER_BYTES = 10;

  private final Builder builder;
  private final Collection<AutoCloseable> parts = new ConcurrentLinkedQueue<>();
  private final List<ClusterNode> nodes = new ArrayList<>();
  private final Upstream upstream;
  private final ClusterNode control;
  private long markers;

  private Cluster(Builder builder) {
    this.builder = builder;
    try {
      upstream = keep(new Upstream());
      List<NetworkNamespace> networks =
          Stream.generate(NetworkNamespace::create).limit(builder.size + 1L).toList();
      ClusterNode[] started = new ClusterNode[networks.size()];
      Together.times(started.length, i -> started[i] = node(networks.get(i), i < builder.size));
      nodes.addAll(List.of(started).subList(0, builder.size));
      control = started[builder.size];
      Together.times(builder.size, i -> startMirror(nodes.get(i)));
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /** So many nodes of this containerd, with mirrors. */
  static Builder of(int size, ContainerdVersion version) {
    return new Builder(size, version);
  }

  /** What a cluster is started with. */
  static final class Builder {
    private final int size;
    private final ContainerdVersion version;
    private boolean wholeLayers = true;
    private List<String> mirrorFlags = List.of();

    private Builder(int size, ContainerdVersion version) {
      this.size = size;
      this.version = version;
    }

    /** Lets containerds ask for parallel ranges of a layer, which is not their default. */
    Builder rangesOfLayers() {
      wholeLayers = false;
      return this;
    }

    /** Starts mirrors with these flags, too. */
    Builder mirrorFlags(String... flags) {
      mirrorFlags = List.of(flags);
      return this;
    }

    /** Starts it and waits until all nodes know each other. */
    Cluster start() {
      return new Cluster(this);
    }
  }

  Upstream upstream() {
    return upstream;
  }

  /** The node that has no mirror. */
  ClusterNode control() {
    return control;
  }

  /** A node by its number, from 1. */
  ClusterNode node(int number) {
    return nodes.get(number - 1);
  }

  /** All nodes that have a mirror. */
  List<ClusterNode> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * Starts a registry that is no good, which others ask from now on instead of the node's mirror.
   */
  HostileRegistry turnHostile(ClusterNode node) {
    node.killMirror();
    node.standAside();
    startMirror(node);
    return HostileRegistry.start(node);
  }

  /** One more node, which the others have not been told of. */
  ClusterNode join() {
    ClusterNode joined = node(NetworkNamespace.create(), true);
    nodes.add(joined);
    startMirror(joined);
    return joined;
  }

  /** Starts the mirror of a node, anew when it runs. */
  void startMirror(ClusterNode node, String... flags) {
    node.killMirror();
    List<String> all = new ArrayList<>(builder.mirrorFlags);
    all.addAll(List.of(flags));
    node.launchMirror(routerAddresses(), all.toArray(String[]::new));
    node.awaitMirror(nodes.size() - 1);
  }

  /** Takes a node out for good. */
  void leave(ClusterNode node) {
    nodes.remove(node);
    node.close();
    parts.remove(node);
  }

  /**
   * Lets these nodes pull the image, and returns once the client finds it and has heard of all of
   * them.
   */
  void provide(PublishedImage image, List<ClusterNode> holders, ClusterNode client) {
    for (ClusterNode holder : holders) {
      holder.pull(image).orFail();
      holder.assertStored(image);
      // Who hears of what a node has announced last has heard of what it announced before.
      PublishedImage marker =
          upstream.publish(ImageBuilder.oci(++markers).plainLayer(MARKER_BYTES).build());
      holder.pull(marker).orFail();
      client.awaitFound(marker);
    }
    client.awaitFound(image);
  }

  /**
   * Ends all faults and takes all images off the nodes. The mirrors of those that were struck are
   * started anew, as others whom nobody remembers.
   */
  void heal() {
    upstream.heal();
    List<ClusterNode> all = Stream.concat(nodes.stream(), Stream.of(control)).toList();
    Together.times(all.size(), i -> all.get(i).heal());
    List<ClusterNode> struck = nodes.stream().filter(ClusterNode::struck).toList();
    Together.times(struck.size(), i -> startMirror(struck.get(i)));
  }

  private List<String> routerAddresses() {
    return nodes.stream().map(node -> ClusterNode.routerAddress(node.network())).toList();
  }

  private ClusterNode node(NetworkNamespace network, boolean mirrored) {
    Containerd.Builder containerd = Containerd.of(builder.version);
    if (builder.wholeLayers) {
      containerd.wholeLayers();
    }
    return keep(
        mirrored
            ? ClusterNode.mirrored(network, containerd, upstream.authority())
            : ClusterNode.direct(network, containerd, upstream));
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.add(part);
    return part;
  }

  /** Ends all that has begun. */
  @Override
  public void close() {
    Together.run(parts.stream().<Runnable>map(part -> () -> closePart(part)).toList());
    parts.clear();
  }

  private static void closePart(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new AssertionError("closing " + part, e);
    }
  }
}
