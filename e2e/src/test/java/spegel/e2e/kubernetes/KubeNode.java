package spegel.e2e.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.ChildProcess;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.ControlGroups;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SetUp;
import spegel.e2e.harness.TextFile;

/** A node: containerd, the kubelet and kube-proxy where they are on any machine. */
final class KubeNode implements AutoCloseable {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(20);

  private final int number;
  private final NetworkNamespace network;
  private final Path folder;
  private final String cgroup;
  private final ChildProcess process;

  /**
   * Starts it.
   *
   * @param routes one {@code network gateway} a line, to the Pods of the other nodes and to
   *     services
   */
  KubeNode(int number, NetworkNamespace network, KubeCluster cluster, String routes) {
    this.number = number;
    this.network = network;
    this.folder = RunFolder.current().newFolder("node" + number);
    this.cgroup = ControlGroups.name(name());
    writeConfiguration(cluster);
    Map<String, String> environment =
        Map.of(
            "DIR", folder.toString(),
            "NAME", name(),
            "ADDRESS", network.address(),
            "CONTAINERD", SetUp.folder("containerd").toString(),
            "KUBERNETES", SetUp.folder("kubernetes").toString(),
            "CGROUP", cgroup,
            "ROUTES", routes);
    this.process =
        ChildProcess.start(
            name(),
            folder.resolve("log"),
            environment,
            network.enter(
                List.of(
                    "unshare",
                    "--mount",
                    "--pid",
                    "--uts",
                    "--fork",
                    "--kill-child",
                    "sh",
                    write("node.sh", resource("node.sh")).toString())));
  }

  /** The network of the Pods of a node. */
  static String podNetwork(int number) {
    return "10.244.%d.0/24".formatted(number);
  }

  String name() {
    return "node" + number;
  }

  NetworkNamespace network() {
    return network;
  }

  /** Runs a command within the node. */
  Command.Outcome run(String... command) {
    List<String> wrapped =
        new ArrayList<>(
            List.of("nsenter", "--target", init(), "--mount", "--pid", "--net", "--uts"));
    wrapped.addAll(List.of(command));
    return Command.run(wrapped);
  }

  /** Runs ctr with Kubernetes' images. */
  Command.Outcome ctr(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(SetUp.folder("containerd").resolve("ctr").toString(), "--namespace", "k8s.io"));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  /** How long ago the newest process of that name began. */
  Duration ageOfNewest(String process) {
    // The 22nd field of proc(5)'s stat, in hundredths of a second since the machine began.
    List<String> words =
        run(
                "sh",
                "-c",
                "cut -d ' ' -f 1 /proc/uptime; cut -d ' ' -f 22 /proc/$(pgrep -n -x \"$0\")/stat",
                process)
            .orFail()
            .lines();
    double seconds = Double.parseDouble(words.get(0)) - Long.parseLong(words.get(1)) / 100.0;
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** Kills containerd, which is started again at once. */
  void restartContainerd() {
    run("pkill", "-9", "-x", "containerd").orFail();
    awaitContainerd();
  }

  void awaitContainerd() {
    Await.until(
        "containerd of " + name() + " answers",
        STARTED_WITHIN,
        () -> {
          if (!process.alive()) {
            throw new AssertionError(process.tail(4 << 10));
          }
          return ctr("version").exitCode() == 0;
        });
  }

  /** The process id, here, of the node's first process. */
  private String init() {
    Path children = Path.of("/proc/%1$d/task/%1$d/children".formatted(process.pid()));
    return Await.value(
        name() + " has begun",
        STARTED_WITHIN,
        () -> {
          try {
            String first = Files.readString(children).strip();
            return first.isEmpty() ? Optional.empty() : Optional.of(first.split(" ", 2)[0]);
          } catch (IOException e) {
            throw new AssertionError(process.tail(4 << 10), e);
          }
        });
  }

  private void writeConfiguration(KubeCluster cluster) {
    String hosts = String.join(" ", UpstreamRegistries.NAMES);
    write(
        "etc/hosts",
        "127.0.0.1 localhost\n%s %s\n%s %s\n"
            .formatted(network.address(), name(), cluster.upstream().network().address(), hosts));
    write("etc/resolv.conf", "");
    write("etc/ssl/certs/ca-certificates.crt", read(cluster.certificates().authority()));
    write("etc/kubernetes/kubeconfig", read(cluster.controlPlane().kubeconfig()));
    write(
        "etc/containerd/config.toml", resource("containerd.toml").formatted(cluster.pauseImage()));
    write(
        "etc/cni/net.d/10-bridge.conflist",
        resource("bridge.conflist").formatted(podNetwork(number)));
    write(
        "etc/kubernetes/kubelet.yaml",
        resource("kubelet.yaml").formatted(cgroup, cluster.controlPlane().network().address()));
    write("etc/kubernetes/kube-proxy.yaml", resource("kube-proxy.yaml"));
  }

  private Path write(String name, String text) {
    return TextFile.write(folder.resolve(name), text);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = KubeNode.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    // The signal that asks for an end does not reach the first process of a namespace.
    process.kill();
    ControlGroups.remove(cgroup);
  }
}
