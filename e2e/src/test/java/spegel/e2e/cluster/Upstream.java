package spegel.e2e.cluster;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.OciImage;

/** The registry that all images come from, in a network of its own. */
final class Upstream implements AutoCloseable {
  private final NetworkNamespace network = NetworkNamespace.create();
  private final DockerRegistry registry;
  private final AtomicInteger repositories = new AtomicInteger();

  Upstream() {
    try {
      registry = DockerRegistry.start(network);
    } catch (Throwable e) {
      network.close();
      throw e;
    }
  }

  /** Its link, to be limited or unplugged. */
  NetworkNamespace network() {
    return network;
  }

  /** Its process, to be killed and started again. */
  DockerRegistry registry() {
    return registry;
  }

  /** {@code host:port}, which its images are named by. */
  String authority() {
    return registry.url().getAuthority();
  }

  /** Takes the image into a repository that no other image has. */
  PublishedImage publish(OciImage image) {
    String repository = "team/app-" + repositories.incrementAndGet();
    registry.push(image, repository, PublishedImage.TAG);
    return new PublishedImage(authority(), repository, image);
  }

  /**
   * All requests for the image that this node's containerd has made, as far as they have ended: the
   * log tells of a request after its client has seen the end.
   */
  List<Access> accesses(ClusterNode client, PublishedImage image) {
    return registry.log().stream()
        .map(Access::parse)
        .flatMap(Optional::stream)
        .filter(access -> access.client().equals(client.network().address()))
        .filter(access -> access.path().startsWith("/v2/" + image.repository() + "/"))
        .toList();
  }

  /** How many bytes of the image's layers this node's containerd has been sent. */
  long layerBytes(ClusterNode client, PublishedImage image) {
    return image.layers().stream().mapToLong(layer -> bytes(client, image, layer)).sum();
  }

  private long bytes(ClusterNode client, PublishedImage image, Content layer) {
    return accesses(client, image).stream()
        .filter(access -> access.path().contains(layer.digest().toString()))
        .mapToLong(Access::bodyBytes)
        .sum();
  }

  /** Ends all faults. */
  void heal() {
    network.unlimited();
    network.plug();
    if (!registry.alive()) {
      registry.restart();
    }
  }

  @Override
  public void close() {
    registry.close();
    network.close();
  }
}
