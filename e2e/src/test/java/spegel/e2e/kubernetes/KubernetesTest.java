package spegel.e2e.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.Together;

/**
 * What a user does, in its order, on a real cluster: install, pull, upgrade, uninstall. The tests
 * stand on each other.
 */
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KubernetesTest {
  private static final String USERS_CONFIGURATION =
      "server = 'https://registry-1.docker.io'\n\n[host.'https://mirror.test']\n";

  private static final String USERS_FILE = "/etc/containerd/certs.d/docker.io/hosts.toml";
  private static final Duration RESTARTED_WITHIN = Duration.ofSeconds(60);

  /** What it should take is a fifth. */
  private static final Duration READY_WITHIN = Duration.ofSeconds(5);

  private KubeCluster cluster;
  private SpegelRelease release;
  private Workloads workloads;

  @BeforeAll
  @Timeout(600)
  void start() {
    long began = System.nanoTime();
    cluster = new KubeCluster(3);
    Workloads.report("a cluster of three nodes", began);
    workloads = new Workloads(cluster);
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
    if (cluster != null) {
      cluster.close();
    }
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
                "55s"));
    arguments.addAll(List.of(more));
    long began = System.nanoTime();
    workloads.succeed(cluster.helm(arguments.toArray(String[]::new)));
    Workloads.report(String.join(" ", "helm upgrade --install", String.join(" ", more)), began);
  }

  @Test
  @Order(1)
  void helm_bringsEveryNodeUp() {
    install();
    assertEquals("3", ofSpegel("daemonset", "{.items[*].status.numberReady}"));
    for (KubeNode node : cluster.nodes()) {
      String hosts =
          node.run("cat", "/etc/containerd/certs.d/_default/hosts.toml").orFail().output();
      assertTrue(hosts.contains(node.network().address() + ":30020"), hosts);
    }
  }

  private String ofSpegel(String kind, String path, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "--namespace",
                "spegel",
                "get",
                kind,
                "--selector",
                "app.kubernetes.io/component=spegel",
                "--output",
                "jsonpath=" + path));
    command.addAll(List.of(more));
    return cluster.kubectl(command.toArray(String[]::new)).orFail().output();
  }

  @Test
  @Order(2)
  void pods_startFromTheFirstNodesImage_rightAfterItsPull() {
    String image = workloads.publish("team/app", "1", 11);
    assertTrue(workloads.run("first", cluster.node(1), image) > Workloads.LAYER_BYTES);
    Workloads.assertNoLayers(workloads.run("second", cluster.node(2), image));
    Workloads.assertNoLayers(workloads.run("third", cluster.node(3), image));
    String log = workloads.logs().orFail().output();
    assertTrue(log.contains("\"msg\":\"OCI event\",\"key\":\"" + image + "\""), log);
  }

  @Test
  @Order(3)
  void pod_starts_whileTheUpstreamIsOff() {
    String image = workloads.publish("team/off", "1", 12);
    workloads.run("on", cluster.node(1), image);
    workloads.run("on-too", cluster.node(2), image);
    cluster.upstream().network().unplug();
    try {
      workloads.run("off", cluster.node(3), image);
    } finally {
      cluster.upstream().network().plug();
    }
  }

  @Test
  @Order(4)
  void rollingUpdate_ofAnImage_pullsItOnce() {
    workloads.runEverywhere("rolled", workloads.publish("team/rolled", "1", 21));
    Workloads.assertOnePull(
        workloads.runEverywhere("rolled", workloads.publish("team/rolled", "2", 22)));
    workloads.assertNoPullFailed();
  }

  @Test
  @Order(5)
  void rollingUpdate_ofSpegel_failsNoPull() {
    AtomicBoolean updated = new AtomicBoolean();
    Together.run(
        () -> {
          try {
            install("--set", "podAnnotations.rolled=once");
          } finally {
            updated.set(true);
          }
        },
        () -> {
          for (int i = 0; !updated.get(); i++) {
            String image = workloads.publish("team/meanwhile", Integer.toString(i), 30 + i);
            workloads.run("meanwhile-" + i, cluster.node(1 + i % 3), image);
            workloads.run("meanwhile-too-" + i, cluster.node(1 + (i + 1) % 3), image);
          }
        });
    workloads.assertNoPullFailed();
  }

  @Test
  @Order(6)
  void spegel_isReadySoonAfterItsStart() {
    for (KubeNode node : cluster.nodes()) {
      cluster
          .kubectl(
              "--namespace",
              "spegel",
              "delete",
              "pod",
              "--selector",
              "app.kubernetes.io/component=spegel",
              "--field-selector",
              "spec.nodeName=" + node.name(),
              "--wait=false")
          .orFail();
      Await.until("the old Pod is gone", RESTARTED_WITHIN, () -> !ready(node));
      Await.until("the new Pod is ready", RESTARTED_WITHIN, () -> ready(node));
      Duration took = node.ageOfNewest("java");
      System.out.printf("Spegel on %s, from its start until it is ready: %s%n", node.name(), took);
      assertTrue(took.compareTo(READY_WITHIN) < 0, took::toString);
    }
    workloads.awaitRollout("spegel", "spegel");
  }

  /** Whether the node's own Pod answers that requests may come. */
  private static boolean ready(KubeNode node) {
    return status(registry(node) + "/readyz") == 200;
  }

  private static String registry(KubeNode node) {
    return "http://" + node.network().address() + ":30020";
  }

  /** The status of the answer; 0 when there is none. */
  private static int status(String url) {
    try {
      HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
      connection.setConnectTimeout(500);
      connection.setReadTimeout(2_000);
      // A kept connection would go on to a Pod that ends.
      connection.setRequestProperty("Connection", "close");
      return connection.getResponseCode();
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  @Order(7)
  void spegel_findsContainerdAgain_afterThatWasStartedAnew() {
    String before = restarts(1);
    long began = System.nanoTime();
    cluster.node(1).restartContainerd();
    Await.until("another Spegel", RESTARTED_WITHIN, () -> !restarts(1).equals(before));
    Await.until("it is ready", RESTARTED_WITHIN, () -> ready(cluster.node(1)));
    Workloads.report("restart of containerd until Spegel is ready again", began);
    String image = workloads.publish("team/again", "1", 40);
    workloads.run("again-1", cluster.node(1), image);
    Workloads.assertNoLayers(workloads.run("again-2", cluster.node(2), image));
  }

  private String restarts(int node) {
    return ofSpegel(
        "pod",
        "{.items[*].status.containerStatuses[*].restartCount}",
        "--field-selector",
        "spec.nodeName=" + cluster.node(node).name());
  }

  @Test
  @Order(8)
  void passwordsPoliciesAndMonitors_areTaken() {
    cluster.kubectl("create", "--filename", ControlPlane.program("custom-resources")).orFail();
    workloads.apply("grafanadashboards", DASHBOARD_DEFINITION);
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
            + "prometheusRule.enabled=true,verticalPodAutoscaler.enabled=true,"
            + "grafanaDashboard.enabled=true,grafanaDashboard.mode=GrafanaOperator");
    for (String kind :
        List.of(
            "networkpolicy",
            "servicemonitor",
            "prometheusrule",
            "verticalpodautoscaler",
            "grafanadashboard")) {
      assertTrue(
          cluster
              .kubectl("--namespace", "spegel", "get", kind, "--output", "name")
              .orFail()
              .output()
              .contains("spegel"),
          kind);
    }
    String image = workloads.publish("team/password", "1", 50);
    workloads.run("password-1", cluster.node(1), image);
    Workloads.assertNoLayers(workloads.run("password-2", cluster.node(2), image));
    assertEquals(401, status(registry(cluster.node(2)) + "/v2/"));
  }

  /** As far as the API server looks at it; no module of Go that could be fetched has the whole. */
  private static final String DASHBOARD_DEFINITION =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: grafanadashboards.grafana.integreatly.org}
      spec:
        group: grafana.integreatly.org
        scope: Namespaced
        names: {plural: grafanadashboards, singular: grafanadashboard, kind: GrafanaDashboard}
        versions:
          - name: v1beta1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;

  @Test
  @Order(9)
  void privateImage_isPulledWithItsSecret() {
    cluster.publish(RunnableImages.sleeping(60, Workloads.LAYER_BYTES), "secret/app", "1");
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
    String secret = "imagePullSecrets: [{name: reader}]";
    workloads.run("private-1", cluster.node(1), image, secret);
    Workloads.assertNoLayers(workloads.run("private-2", cluster.node(2), image, secret));
  }

  @Test
  @Order(10)
  void uninstall_leavesContainerdsConfigurationAsItWas() {
    assertNotEquals(USERS_CONFIGURATION, usersConfiguration());
    long began = System.nanoTime();
    workloads.succeed(
        cluster.helm("uninstall", "spegel", "--namespace", "spegel", "--wait", "--timeout", "50s"));
    Workloads.report("helm uninstall", began);
    assertConfigurationIsAsItWas();
  }

  private void assertConfigurationIsAsItWas() {
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
  @Order(11)
  void kustomize_bringsEveryNodeUp() {
    long began = System.nanoTime();
    cluster.kubectl("apply", "--kustomize", Repository.file("deploy/kustomize/base")).orFail();
    workloads.awaitRollout("spegel", "spegel");
    Workloads.report("kubectl apply --kustomize", began);
    String image = workloads.publish("team/kustomized", "1", 70);
    workloads.run("kustomized-1", cluster.node(1), image);
    Workloads.assertNoLayers(workloads.run("kustomized-2", cluster.node(2), image));
  }

  @Test
  @Order(12)
  void kustomizesCleanup_leavesContainerdsConfigurationAsItWas() {
    cluster.kubectl("delete", "--kustomize", Repository.file("deploy/kustomize/base")).orFail();
    cluster.kubectl("apply", "--kustomize", Repository.file("deploy/kustomize/cleanup")).orFail();
    workloads.succeed(
        cluster.kubectl(
            "--namespace",
            "spegel",
            "wait",
            "--for=jsonpath={.status.phase}=Succeeded",
            "pod/spegel-cleanup-wait",
            "--timeout=55s"));
    assertConfigurationIsAsItWas();
  }
}
