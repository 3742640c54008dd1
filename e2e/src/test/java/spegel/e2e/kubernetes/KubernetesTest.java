package spegel.e2e.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.RunFolder;

/**
 * What a user does, in its order, on a real cluster: install, pull, upgrade, uninstall. The tests
 * stand on each other.
 */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KubernetesTest {
  private static final int LAYER_BYTES = 24 << 20;

  /** ARP, connections that are tried, and what else is sent without being asked for a layer. */
  private static final long NOISE_BYTES = 64 << 10;

  private static final String USERS_CONFIGURATION =
      "server = 'https://registry-1.docker.io'\n\n[host.'https://mirror.test']\n";

  private static final String USERS_FILE = "/etc/containerd/certs.d/docker.io/hosts.toml";

  private final Path folder = RunFolder.current().newFolder("manifests");
  private KubeCluster cluster;
  private SpegelRelease release;

  @BeforeAll
  void start() {
    cluster = new KubeCluster(3);
    release = SpegelRelease.publish(cluster.upstream());
    cluster
        .node(1)
        .run(
            "sh",
            "-c",
            "mkdir -p $(dirname %1$s) && printf %%s \"$0\" >%1$s".formatted(USERS_FILE),
            USERS_CONFIGURATION)
        .orFail();
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private void install(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "upgrade",
                "--install",
                "spegel",
                release.chart(),
                "--version",
                release.version(),
                "--plain-http",
                "--namespace",
                "spegel",
                "--create-namespace",
                "--wait",
                "--timeout",
                "3m"));
    arguments.addAll(List.of(more));
    long began = System.nanoTime();
    Command.Outcome outcome = cluster.helm(arguments.toArray(String[]::new));
    if (outcome.exitCode() != 0) {
      throw new AssertionError(outcome.output() + describe());
    }
    report("helm upgrade --install %s".formatted(String.join(" ", more)), began);
  }

  private String describe() {
    return "\n"
        + cluster.kubectl("get", "pods", "--all-namespaces", "--output", "wide").output()
        + cluster.kubectl("get", "events", "--all-namespaces").output()
        + cluster
            .kubectl(
                "--namespace",
                "spegel",
                "logs",
                "daemonset/spegel",
                "--all-containers",
                "--all-pods",
                "--prefix",
                "--tail",
                "20")
            .output();
  }

  private static void report(String what, long beganNanos) {
    System.out.printf("%s: %.2f s%n", what, (System.nanoTime() - beganNanos) / 1e9);
  }

  private void apply(String name, String manifest) {
    try {
      Path file = Files.writeString(folder.resolve(name + ".yaml"), manifest);
      cluster.kubectl("apply", "--filename", file.toString()).orFail();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Has a Pod of the image run on the node, and returns how many bytes the upstream sent for it.
   */
  private long run(String name, KubeNode node, String image, String... more) {
    long before = cluster.upstream().network().sentBytes();
    long began = System.nanoTime();
    apply(
        name,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          nodeName: %s
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: '%s'}]
          %s
        """
            .formatted(name, node.name(), image, String.join("\n  ", more)));
    Command.Outcome ready =
        cluster.kubectl("wait", "--for=condition=Ready", "pod/" + name, "--timeout=50s");
    if (ready.exitCode() != 0) {
      throw new AssertionError(cluster.kubectl("describe", "pod", name).output() + describe());
    }
    long sent = cluster.upstream().network().sentBytes() - before;
    report("%s on %s, %d bytes from the upstream".formatted(image, node.name(), sent), began);
    return sent;
  }

  private String publish(String repository, String tag, long seed) {
    cluster.publish(RunnableImages.sleeping(seed, LAYER_BYTES), repository, tag);
    return "registry.test/" + repository + ":" + tag;
  }

  private static void assertNoLayers(long sentBytes) {
    assertTrue(sentBytes < NOISE_BYTES, () -> "the upstream has sent " + sentBytes + " bytes");
  }

  private void assertNoPullFailed() {
    String failed =
        cluster
            .kubectl("get", "events", "--all-namespaces", "--field-selector", "reason=Failed")
            .orFail()
            .output();
    assertTrue(failed.contains("No resources found"), failed);
  }

  @Test
  @Order(1)
  void helm_bringsEveryNodeUp() {
    install();
    assertEquals(
        "3",
        cluster
            .kubectl(
                "--namespace",
                "spegel",
                "get",
                "daemonset",
                "spegel",
                "--output",
                "jsonpath={.status.numberReady}")
            .output());
    String hosts =
        cluster.node(1).run("cat", "/etc/containerd/certs.d/_default/hosts.toml").orFail().output();
    assertTrue(hosts.contains(cluster.node(1).network().address() + ":30020"), hosts);
  }

  @Test
  @Order(2)
  void pods_startFromTheFirstNodesImage_rightAfterItsPull() {
    String image = publish("team/app", "1", 11);
    assertTrue(run("first", cluster.node(1), image) > LAYER_BYTES);
    assertNoLayers(run("second", cluster.node(2), image));
    assertNoLayers(run("third", cluster.node(3), image));
    String log =
        cluster
            .kubectl("--namespace", "spegel", "logs", "daemonset/spegel", "--all-pods")
            .orFail()
            .output();
    assertTrue(log.contains("\"msg\":\"OCI event\",\"key\":\"" + image + "\""), log);
  }

  @Test
  @Order(3)
  void pod_starts_whileTheUpstreamIsOff() {
    String image = publish("team/off", "1", 12);
    run("while-on", cluster.node(1), image);
    cluster.upstream().network().unplug();
    try {
      run("while-off", cluster.node(3), image);
    } finally {
      cluster.upstream().network().plug();
    }
  }

  @Test
  @Order(4)
  void rollingUpdate_ofAnImage_goesThrough() {
    for (int version = 1; version <= 2; version++) {
      String image = publish("team/rolled", Integer.toString(version), 20 + version);
      apply("rolled", daemonSet("rolled", image));
      rolledOut("default", "rolled");
    }
    assertNoPullFailed();
  }

  private static String daemonSet(String name, String image) {
    return """
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
        .formatted(name, image);
  }

  private void rolledOut(String namespace, String name) {
    Command.Outcome outcome =
        cluster.kubectl(
            "--namespace", namespace, "rollout", "status", "daemonset/" + name, "--timeout=50s");
    if (outcome.exitCode() != 0) {
      throw new AssertionError(outcome.output() + describe());
    }
  }

  @Test
  @Order(5)
  void rollingUpdate_ofSpegel_failsNoPull() throws Exception {
    Thread pulls =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < 4; i++) {
                    String image = publish("team/meanwhile", Integer.toString(i), 30 + i);
                    run("meanwhile-" + i, cluster.node(1 + i % 3), image);
                    run("meanwhile-too-" + i, cluster.node(1 + (i + 1) % 3), image);
                  }
                });
    install("--set", "podAnnotations.rolled=once");
    pulls.join();
    assertNoPullFailed();
  }

  @Test
  @Order(6)
  void spegel_findsContainerdAgain_afterThatWasStartedAnew() {
    cluster.node(1).restartContainerd();
    // A container sees the socket that was there when it was started, so Spegel ends and is started
    // anew.
    Await.until(
        "Spegel of node1 was started again",
        Duration.ofSeconds(50),
        () -> spegelOn(cluster.node(1)).equals("1 true"));
    String image = publish("team/again", "1", 40);
    run("again-1", cluster.node(1), image);
    assertNoLayers(run("again-2", cluster.node(2), image));
  }

  /** How often Spegel's container was started again there, and whether it is ready. */
  private String spegelOn(KubeNode node) {
    return cluster
        .kubectl(
            "--namespace",
            "spegel",
            "get",
            "pods",
            "--field-selector",
            "spec.nodeName=" + node.name(),
            "--output",
            "jsonpath={.items[0].status.containerStatuses[0].restartCount}"
                + " {.items[0].status.containerStatuses[0].ready}")
        .output();
  }

  @Test
  @Order(7)
  void passwordsPoliciesAndMonitors_areTaken() {
    for (String[] kind :
        new String[][] {
          {"servicemonitors", "ServiceMonitor", "monitoring.coreos.com", "v1"},
          {"prometheusrules", "PrometheusRule", "monitoring.coreos.com", "v1"},
          {"grafanadashboards", "GrafanaDashboard", "grafana.integreatly.org", "v1beta1"}
        }) {
      apply(kind[0], customResource(kind[0], kind[1], kind[2], kind[3]));
    }
    cluster
        .kubectl(
            "--namespace",
            "spegel",
            "create",
            "secret",
            "generic",
            "mirror-password",
            "--from-literal=username=mirror",
            "--from-literal=password=of-the-tests")
        .orFail();
    install(
        "--set",
        "basicAuthSecretName=mirror-password,networkPolicy.enabled=true,serviceMonitor.enabled=true,"
            + "prometheusRule.enabled=true,grafanaDashboard.enabled=true,grafanaDashboard.mode=GrafanaOperator");
    String image = publish("team/password", "1", 50);
    run("password-1", cluster.node(1), image);
    assertNoLayers(run("password-2", cluster.node(2), image));
    assertEquals(
        401,
        status(
            cluster.node(2), "http://%s:30020/v2/".formatted(cluster.node(2).network().address())));
  }

  private static int status(KubeNode node, String url) {
    return Integer.parseInt(
        node.run("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", url)
            .output()
            .strip());
  }

  private static String customResource(String plural, String kind, String group, String version) {
    return """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: %1$s.%3$s}
    spec:
      group: %3$s
      scope: Namespaced
      names: {plural: %1$s, kind: %2$s}
      versions:
        - name: %4$s
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    """
        .formatted(plural, kind, group, version);
  }

  @Test
  @Order(8)
  void privateImage_isPulledWithItsSecret() {
    cluster.publish(RunnableImages.sleeping(60, LAYER_BYTES), "secret/app", "1");
    cluster
        .kubectl(
            "create",
            "secret",
            "docker-registry",
            "reader",
            "--docker-server=" + UpstreamRegistries.PRIVATE,
            "--docker-username=" + UpstreamRegistries.USER,
            "--docker-password=" + UpstreamRegistries.PASSWORD)
        .orFail();
    String image = UpstreamRegistries.PRIVATE + "/secret/app:1";
    run("private-1", cluster.node(1), image, "imagePullSecrets: [{name: reader}]");
    assertNoLayers(run("private-2", cluster.node(2), image, "imagePullSecrets: [{name: reader}]"));
  }

  @Test
  @Order(9)
  void uninstall_leavesContainerdsConfigurationAsItWas() {
    assertNotEquals(USERS_CONFIGURATION, usersConfiguration());
    long began = System.nanoTime();
    cluster
        .helm("uninstall", "spegel", "--namespace", "spegel", "--wait", "--timeout", "50s")
        .orFail();
    report("helm uninstall", began);
    assertEquals(USERS_CONFIGURATION, usersConfiguration());
    for (KubeNode node : cluster.nodes()) {
      assertEquals(
          node == cluster.node(1) ? USERS_FILE : "",
          node.run("find", "/etc/containerd/certs.d", "-type", "f").output().strip());
    }
  }

  private String usersConfiguration() {
    return cluster.node(1).run("cat", USERS_FILE).output();
  }

  @Test
  @Order(10)
  void kustomize_bringsEveryNodeUp() {
    cluster.kubectl("create", "namespace", "kustomized").orFail();
    cluster.kubectl("apply", "--kustomize", Repository.file("deploy/kustomize/base")).orFail();
    rolledOut("spegel", "spegel");
    String image = publish("team/kustomized", "1", 70);
    run("kustomized-1", cluster.node(1), image);
    assertNoLayers(run("kustomized-2", cluster.node(2), image));
  }
}
