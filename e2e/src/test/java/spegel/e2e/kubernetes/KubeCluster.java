package spegel.e2e.kubernetes;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.Together;

/** A control plane, an upstream, and nodes that are ready. */
final class KubeCluster implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(90);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Certificates certificates =
      new Certificates(RunFolder.current().newFolder("certificates"));
  private final UpstreamRegistries upstream;
  private final ControlPlane controlPlane;
  private final List<KubeNode> nodes = new ArrayList<>();

  KubeCluster(int size) {
    try {
      upstream = keep(new UpstreamRegistries(keep(NetworkNamespace.create()), certificates));
      upstream.registry().push(RunnableImages.sleeping(1, 0), "pause", "1");
      controlPlane = keep(new ControlPlane(keep(NetworkNamespace.create()), certificates));
      List<NetworkNamespace> networks =
          Stream.generate(NetworkNamespace::create).limit(size).toList();
      networks.forEach(this::keep);
      routeToPods(controlPlane.network(), networks);
      routeToPods(upstream.network(), networks);
      for (int i = 0; i < size; i++) {
        nodes.add(keep(new KubeNode(i + 1, networks.get(i), this, routes(networks, i))));
      }
      Together.times(size, i -> prepare(nodes.get(i)));
      nodes.forEach(
          node -> Await.until(node.name() + " is ready", READY_WITHIN, () -> ready(node)));
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  private static void routeToPods(NetworkNamespace from, List<NetworkNamespace> networks) {
    for (int i = 0; i < networks.size(); i++) {
      Command.run(
              from.wrap(
                  List.of(
                      "ip",
                      "route",
                      "add",
                      KubeNode.podNetwork(i + 1),
                      "via",
                      networks.get(i).address())))
          .orFail();
    }
  }

  /** From one node to the Pods of the others; and to services, though nobody is there. */
  private String routes(List<NetworkNamespace> networks, int from) {
    return Stream.concat(
            IntStream.range(0, networks.size())
                .filter(i -> i != from)
                .mapToObj(i -> KubeNode.podNetwork(i + 1) + " " + networks.get(i).address()),
            Stream.of(ControlPlane.SERVICE_NETWORK + " " + controlPlane.network().address()))
        .collect(Collectors.joining("\n"));
  }

  private void prepare(KubeNode node) {
    node.awaitContainerd();
    node.ctr("images", "pull", "--plain-http", pauseImage()).orFail();
  }

  private boolean ready(KubeNode node) {
    return kubectl(
            "get",
            "node",
            node.name(),
            "--output",
            "jsonpath={.status.conditions[?(@.type=='Ready')].status}")
        .output()
        .equals("True");
  }

  /** The image of the container that holds a Pod's namespaces. */
  String pauseImage() {
    return upstream.authority() + "/pause:1";
  }

  Certificates certificates() {
    return certificates;
  }

  UpstreamRegistries upstream() {
    return upstream;
  }

  ControlPlane controlPlane() {
    return controlPlane;
  }

  /** A node by its number, from 1. */
  KubeNode node(int number) {
    return nodes.get(number - 1);
  }

  List<KubeNode> nodes() {
    return List.copyOf(nodes);
  }

  Command.Outcome kubectl(String... arguments) {
    return controlPlane.kubectl(arguments);
  }

  /** Runs helm as the cluster's administrator. */
  Command.Outcome helm(String... arguments) {
    List<String> all =
        new ArrayList<>(List.of("--kubeconfig", controlPlane.kubeconfig().toString()));
    all.addAll(List.of(arguments));
    return Helm.run(all.toArray(String[]::new));
  }

  /** Puts an image there for nodes to pull, under any of the upstream's names. */
  void publish(OciImage image, String repository, String tag) {
    upstream.registry().push(image, repository, tag);
  }

  @Override
  public void close() {
    List<Throwable> failures = new ArrayList<>();
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception | AssertionError e) {
        failures.add(e);
      }
    }
    parts.clear();
    if (!failures.isEmpty()) {
      AssertionError error = new AssertionError("the cluster did not end in order");
      failures.forEach(error::addSuppressed);
      throw error;
    }
  }
}
