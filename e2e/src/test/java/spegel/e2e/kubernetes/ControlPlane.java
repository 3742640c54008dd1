package spegel.e2e.kubernetes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.ChildProcess;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SetUp;
import spegel.e2e.harness.TextFile;

/** etcd, the API server, the controllers, the scheduler, and a name server, in one network. */
final class ControlPlane implements AutoCloseable {
  /** Cluster addresses of services. */
  static final String SERVICE_NETWORK = "10.96.0.0/16";

  private static final String FIRST_SERVICE = "10.96.0.1";
  private static final String TOKEN = "of-the-tests";
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  private final NetworkNamespace network;
  private final Path folder = RunFolder.current().newFolder("control-plane");
  private final Certificates certificates;
  private final Deque<ChildProcess> processes = new ArrayDeque<>();

  ControlPlane(NetworkNamespace network, Certificates certificates) {
    this.network = network;
    this.certificates = certificates;
    certificates.sign(
        "apiserver", "IP:%s,IP:%s,DNS:kubernetes".formatted(network.address(), FIRST_SERVICE));
    write("tokens.csv", TOKEN + ",admin,admin,\"system:masters\"\n");
    write("kubeconfig", kubeconfigText());
    write("Corefile", corefile());
    try {
      startEtcd();
      startApiServer();
      Await.until("the API server is ready", READY_WITHIN, this::ready);
      start("kube-scheduler", "--kubeconfig", kubeconfig().toString(), "--leader-elect=false");
      startControllers();
      start("coredns", "-conf", folder.resolve("Corefile").toString());
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /** Starts a program of the Kubernetes that was built. */
  private void start(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program(name)));
    command.addAll(List.of(arguments));
    start(name, command);
  }

  private void start(String name, List<String> command) {
    processes.push(
        ChildProcess.start(name, folder.resolve(name + ".log"), Map.of(), network.wrap(command)));
  }

  static String program(String name) {
    return SetUp.folder("kubernetes").resolve(name).toString();
  }

  private void startEtcd() {
    start(
        "etcd",
        List.of(
            "etcd",
            "--data-dir",
            folder.resolve("etcd").toString(),
            "--listen-client-urls",
            "http://127.0.0.1:2379",
            "--advertise-client-urls",
            "http://127.0.0.1:2379",
            "--listen-peer-urls",
            "http://127.0.0.1:2380"));
  }

  private void startApiServer() {
    Path signingKey = certificates.signingKey();
    start(
        "kube-apiserver",
        "--etcd-servers=http://127.0.0.1:2379",
        "--advertise-address=" + network.address(),
        "--secure-port=6443",
        "--tls-cert-file=" + certificates.certificate("apiserver"),
        "--tls-private-key-file=" + certificates.key("apiserver"),
        "--token-auth-file=" + folder.resolve("tokens.csv"),
        "--authorization-mode=AlwaysAllow",
        "--allow-privileged=true",
        // No name server knows the nodes.
        "--kubelet-preferred-address-types=InternalIP",
        "--service-cluster-ip-range=" + SERVICE_NETWORK,
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + signingKey,
        "--service-account-signing-key-file=" + signingKey);
  }

  private void startControllers() {
    start(
        "kube-controller-manager",
        "--kubeconfig=" + kubeconfig(),
        "--leader-elect=false",
        "--root-ca-file=" + certificates.authority(),
        "--service-account-private-key-file=" + certificates.key("service-accounts"),
        "--flex-volume-plugin-dir=" + folder.resolve("plugins"));
  }

  private boolean ready() {
    for (ChildProcess process : processes) {
      if (!process.alive()) {
        throw new AssertionError("ended: " + process.log() + "\n" + process.tail(4 << 10));
      }
    }
    return kubectl("get", "--raw", "/readyz").exitCode() == 0;
  }

  /** Runs kubectl as the cluster's administrator. */
  Command.Outcome kubectl(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(program("kubectl"), "--kubeconfig", kubeconfig().toString()));
    command.addAll(List.of(arguments));
    return Command.run(command);
  }

  /** The administrator's access to the cluster. */
  Path kubeconfig() {
    return folder.resolve("kubeconfig");
  }

  NetworkNamespace network() {
    return network;
  }

  private String kubeconfigText() {
    return """
    apiVersion: v1
    kind: Config
    current-context: tests
    contexts: [{name: tests, context: {cluster: tests, user: admin}}]
    clusters: [{name: tests, cluster: {server: 'https://%s:6443', certificate-authority: '%s'}}]
    users: [{name: admin, user: {token: %s}}]
    """
        .formatted(network.address(), certificates.authority(), TOKEN);
  }

  private String corefile() {
    return """
    .:53 {
      errors
      kubernetes cluster.local {
        kubeconfig %s
        ttl 1
      }
    }
    """
        .formatted(kubeconfig());
  }

  private void write(String name, String text) {
    TextFile.write(folder.resolve(name), text);
  }

  @Override
  public void close() {
    processes.forEach(ChildProcess::terminate);
    processes.forEach(ChildProcess::close);
  }
}
