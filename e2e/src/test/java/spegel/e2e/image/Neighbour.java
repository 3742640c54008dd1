package spegel.e2e.image;

import java.time.Duration;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.LargeImage;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.SpegelNode;

/** The node beside the one in a container, which has the large image. */
final class Neighbour {
  /** Each node takes others to serve at its own port. */
  private static final int REGISTRY_PORT = 5000;

  private static final int ROUTER_PORT = 5001;
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(20);

  private Neighbour() {}

  static SpegelNode start(LargeImage image) {
    return SpegelNode.overLayout(image.layout())
        .listen(NetworkNamespace.outsideAddress())
        .registryPort(REGISTRY_PORT)
        .routerPort(ROUTER_PORT)
        .start();
  }

  /** Lets a node look for it. */
  static SpegelNode.Builder joined(SpegelNode.Builder node) {
    return node.registryPort(REGISTRY_PORT)
        .flags(
            "--bootstrap-kind=static",
            "--static-bootstrap-peers=/ip4/%s/tcp/%d"
                .formatted(NetworkNamespace.outsideAddress(), ROUTER_PORT));
  }

  static void awaitFound(SpegelNode by, LargeImage image) {
    Await.until(
        "the manifest is found",
        FOUND_WITHIN,
        () -> by.registry().get(image.manifestPath()).statusCode() == 200);
  }
}
