package spegel.e2e.kubernetes;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.TextFile;

/** What runs in a cluster, and what it cost the upstream. */
final class Workloads {
  /** Of the layer that only one image has. */
  static final int LAYER_BYTES = 24 << 20;

  /** ARP, connections that are tried, and what else is sent without being asked for a layer. */
  private static final long NOISE_BYTES = 64 << 10;

  private static final String TIMEOUT = "--timeout=50s";

  private final KubeCluster cluster;
  private final Path folder = RunFolder.current().newFolder("manifests");

  Workloads(KubeCluster cluster) {
    this.cluster = cluster;
  }

  /** Puts an image there that nobody has yet, and returns its name. */
  String publish(String repository, String tag, long seed) {
    cluster.publish(RunnableImages.sleeping(seed, LAYER_BYTES), repository, tag);
    return "registry.test/" + repository + ":" + tag;
  }

  /** Has the cluster take the objects; the name is the file's. */
  void apply(String name, String manifest) {
    Path file = TextFile.write(folder.resolve(name + ".yaml"), manifest);
    cluster.kubectl("apply", "--filename", file.toString()).orFail();
  }

  /**
   * Has a Pod of the image run on the node, and returns how many bytes the upstream sent meanwhile.
   */
  long run(String name, KubeNode node, String image, String... more) {
    return counted(
        image + " on " + node.name(),
        () -> {
          apply(
              name,
              """
              apiVersion: v1
              kind: Pod
              metadata: {name: '%s'}
              spec:
                nodeName: %s
                terminationGracePeriodSeconds: 0
                containers: [{name: main, image: '%s'}]
                %s
              """
                  .formatted(name, node.name(), image, String.join("\n  ", more)));
          succeed(cluster.kubectl("wait", "--for=condition=Ready", "pod/" + name, TIMEOUT));
        });
  }

  /** Has a DaemonSet of the image run everywhere, in place of one of its name; counts as above. */
  long runEverywhere(String name, String image) {
    return counted(
        image + " on all nodes",
        () -> {
          apply(
              name,
              """
              apiVersion: apps/v1
              kind: DaemonSet
              metadata: {name: %1$s}
              spec:
                selector: {matchLabels: {app: %1$s}}
                template:
                  metadata: {labels: {app: %1$s}}
                  spec:
                    terminationGracePeriodSeconds: 0
                    containers: [{name: main, image: '%2$s'}]
              """
                  .formatted(name, image));
          awaitRollout("default", name);
        });
  }

  /** Waits until the Pods of the DaemonSet are ready, and all of its newest form. */
  void awaitRollout(String namespace, String name) {
    succeed(
        cluster.kubectl(
            "--namespace", namespace, "rollout", "status", "daemonset/" + name, TIMEOUT));
  }

  private long counted(String what, Runnable action) {
    long before = cluster.upstream().network().sentBytes();
    long began = System.nanoTime();
    action.run();
    long sent = cluster.upstream().network().sentBytes() - before;
    report("%s, %d bytes from the upstream".formatted(what, sent), began);
    return sent;
  }

  static void report(String what, long beganNanos) {
    System.out.printf("%s: %.2f s%n", what, (System.nanoTime() - beganNanos) / 1e9);
  }

  /** Fails with the state of the cluster when the command has failed. */
  void succeed(Command.Outcome outcome) {
    if (outcome.exitCode() != 0) {
      throw new AssertionError(outcome.output() + "\n" + describe());
    }
  }

  private String describe() {
    return cluster.kubectl("get", "pods", "--all-namespaces", "--output", "wide").output()
        + cluster.kubectl("get", "events", "--all-namespaces").output()
        + logs("--all-containers", "--prefix", "--tail", "20").output();
  }

  /** What the Pods of Spegel have logged. */
  Command.Outcome logs(String... more) {
    List<String> command =
        new ArrayList<>(List.of("--namespace", "spegel", "logs", "daemonset/spegel", "--all-pods"));
    command.addAll(List.of(more));
    return cluster.kubectl(command.toArray(String[]::new));
  }

  static void assertNoLayers(long sentBytes) {
    assertTrue(sentBytes < NOISE_BYTES, () -> "the upstream has sent " + sentBytes + " bytes");
  }

  /** One of all nodes has asked the upstream. */
  static void assertOnePull(long sentBytes) {
    assertTrue(
        sentBytes > LAYER_BYTES && sentBytes < LAYER_BYTES * 3L / 2,
        () -> "the upstream has sent " + sentBytes + " bytes");
  }

  void assertNoPullFailed() {
    String failed =
        cluster
            .kubectl("get", "events", "--all-namespaces", "--field-selector", "reason=Failed")
            .orFail()
            .output();
    assertTrue(failed.contains("No resources found"), failed);
  }
}
