package spegel.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.Repository;

/** What the chart renders. */
class ChartTest {
  private static final String DAEMON_SET = "DaemonSet spegel";
  private static final String[] POD = {"spec", "template", "spec"};
  private static final String VPA = "VerticalPodAutoscaler spegel";

  private static String[] pod(String... path) {
    String[] whole = new String[POD.length + path.length];
    System.arraycopy(POD, 0, whole, 0, POD.length);
    System.arraycopy(path, 0, whole, POD.length, path.length);
    return whole;
  }

  @Test
  void presets_renderWhatANodeNeeds_andNoMore() {
    Rendered rendered = Rendered.of();
    assertEquals(
        List.of(
            "ServiceAccount spegel",
            "Service spegel",
            "Service spegel-registry",
            "Service spegel-bootstrap",
            DAEMON_SET,
            "Service spegel-cleanup",
            "DaemonSet spegel-cleanup",
            "Pod spegel-cleanup-wait"),
        rendered.ids());
    assertEquals(
        List.of(
            "registry",
            "--log-level=INFO",
            "--mirror-resolve-retries=3",
            "--mirror-resolve-timeout=20ms",
            "--registry-addr=:5000",
            "--router-addr=:5001",
            "--metrics-addr=:9090",
            "--containerd-sock=/run/containerd/containerd.sock",
            "--containerd-namespace=k8s.io",
            "--bootstrap-kind=dns",
            "--dns-bootstrap-domain=spegel-bootstrap.spegel.svc.cluster.local.",
            "--containerd-content-path=/var/lib/containerd/io.containerd.content.v1.content",
            "--debug-web-enabled=true"),
        rendered.one(DAEMON_SET).texts(pod("containers", "registry", "args")));
  }

  @ParameterizedTest
  @CsvSource({
    "spegel, '', '', spegel",
    "mirror, '', '', mirror-spegel",
    "spegel-two, '', '', spegel-two",
    "mirror, cache, '', mirror-cache",
    "mirror, '', other, other",
    "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz, its-name-, '',"
        + " abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-its-name",
  })
  void objects_areNamedAfterTheRelease_orAsItIsSaid(
      String release, String name, String fullName, String expected) {
    String rendered =
        Helm.run(
                "template",
                release,
                Helm.CHART,
                "--set",
                "nameOverride=%s,fullnameOverride=%s".formatted(name, fullName))
            .orFail()
            .output();
    assertTrue(
        new Rendered(KubernetesObject.parse(rendered)).has("DaemonSet " + expected), rendered);
  }

  @ParameterizedTest
  @CsvSource({
    "hostPort=30020, true, '', ''",
    "usePreferSameNodeTrafficDistribution=true, false, PreferSameNode, ''",
    "internalTrafficLocal=false, false, PreferSameNode, ''",
    "internalTrafficLocal=true, false, '', Local",
    "nodePort=30020, false, PreferSameNode, ''",
  })
  void containerd_isLedToItsOwnNode_byHostPortOrByTheService(
      String value, boolean hostPort, String distribution, String policy) {
    Rendered rendered = Rendered.of("--set", "service.registry." + value);
    KubernetesObject daemonSet = rendered.one(DAEMON_SET);
    KubernetesObject service = rendered.one("Service spegel-registry");
    List<String> targets = daemonSet.texts(pod("initContainers", "configuration", "args"));
    Object nodePort = service.at("spec", "ports", "registry", "nodePort");
    assertTrue(targets.contains("http://$(NODE_IP):" + nodePort), targets.toString());
    assertEquals(
        hostPort ? 2 : 1,
        targets.stream().filter(each -> each.startsWith("http://$(NODE_IP):")).count());
    assertEquals(
        hostPort ? 30020 : null,
        daemonSet.at(pod("containers", "registry", "ports", "registry", "hostPort")));
    assertEquals(
        hostPort ? Map.of("service.kubernetes.io/topology-mode", "auto") : null,
        service.at("metadata", "annotations"));
    assertEquals(distribution, orEmpty(service.at("spec", "trafficDistribution")));
    assertEquals(policy, orEmpty(service.at("spec", "internalTrafficPolicy")));
  }

  private static Object orEmpty(@Nullable Object value) {
    return value == null ? "" : value;
  }

  /** Kubernetes takes no change of them, so an upgrade would fail. */
  @Test
  void selectors_stayTheSame_whateverLabelsAreAdded() {
    Rendered plain = Rendered.of();
    Rendered labelled = Rendered.of("--set", "commonLabels.team=platform");
    for (KubernetesObject object : plain.objects()) {
      KubernetesObject same = labelled.one(object.id());
      assertEquals(object.at("spec", "selector"), same.at("spec", "selector"));
      assertEquals("platform", same.at("metadata", "labels", "team"), object.id());
    }
  }

  @Test
  void services_selectThePodsTheyAreFor() {
    Rendered rendered = Rendered.of("--set", "networkPolicy.enabled=true");
    Map<String, Object> pod =
        Yaml.map(rendered.one(DAEMON_SET).at("spec", "template", "metadata", "labels"));
    Map<String, Object> cleanup =
        Yaml.map(
            rendered.one("DaemonSet spegel-cleanup").at("spec", "template", "metadata", "labels"));
    for (KubernetesObject object : rendered.objects()) {
      if (object.id().startsWith("Service ")) {
        Map<String, Object> selector = Yaml.map(object.at("spec", "selector"));
        boolean ofCleanup = object.id().endsWith("-cleanup");
        assertEquals(!ofCleanup, pod.entrySet().containsAll(selector.entrySet()), object.id());
        assertEquals(ofCleanup, cleanup.entrySet().containsAll(selector.entrySet()), object.id());
      }
    }
    Map<String, Object> guarded =
        Yaml.map(rendered.one("NetworkPolicy spegel").at("spec", "podSelector", "matchLabels"));
    assertTrue(pod.entrySet().containsAll(guarded.entrySet()), guarded.toString());
  }

  @Test
  void extraInitContainers_comeFirst_andAlsoWithoutOurs() {
    String[] extra = {
      "--set", "extraInitContainers[0].name=prepare,extraInitContainers[0].image=a/b:1"
    };
    List<Object> both = Yaml.list(Rendered.of(extra).one(DAEMON_SET).at(pod("initContainers")));
    assertEquals("prepare", Yaml.map(both.getFirst()).get("name"));
    assertEquals("configuration", Yaml.map(both.getLast()).get("name"));

    Rendered without = Rendered.of(extra[0], extra[1], "--set", "spegel.containerdMirrorAdd=false");
    assertEquals(1, Yaml.list(without.one(DAEMON_SET).at(pod("initContainers"))).size());
    assertNull(without.one(DAEMON_SET).at(pod("volumes", "containerd-config")));
    assertTrue(without.objects().stream().noneMatch(KubernetesObject::isHook));
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', ghcr.io/spegel-jvm/spegel:%s",
    "v2, '', ghcr.io/spegel-jvm/spegel:v2",
    "v2, sha256:44548375366edbc8ffaa04e9f0087b939de45aaddad4493fb8b7216d3a8ad572,"
        + " ghcr.io/spegel-jvm/spegel@sha256:44548375366edbc8ffaa04e9f0087b939de45aaddad4493fb8b7216d3a8ad572",
  })
  void image_isOfTheDigest_orElseOfTheTag_orElseOfTheChart(
      String tag, String digest, String expected) {
    Rendered rendered = Rendered.of("--set", "image.tag=%s,image.digest=%s".formatted(tag, digest));
    String image = expected.formatted(chart().get("appVersion"));
    assertEquals(image, rendered.one(DAEMON_SET).at(pod("containers", "registry", "image")));
    assertEquals(
        image,
        rendered.one("Pod spegel-cleanup-wait").at("spec", "containers", "cleanup-wait", "image"));
  }

  private static Map<String, Object> chart() {
    return Yaml.read(Path.of(Repository.file("charts/spegel/Chart.yaml")));
  }

  @Test
  void dashboardAndAlerts_areTheFilesOfTheChart() throws Exception {
    Path monitoring = Path.of(Repository.file("charts/spegel/monitoring"));
    Rendered rendered =
        Rendered.of("--set", "grafanaDashboard.enabled=true,prometheusRule.enabled=true");
    String dashboard = Files.readString(monitoring.resolve("grafana-dashboard.json"));
    assertEquals(
        dashboard.stripTrailing(),
        String.valueOf(rendered.one("ConfigMap spegel-dashboard").at("data", "spegel.json"))
            .stripTrailing());
    assertEquals(
        Yaml.read(monitoring.resolve("alerts.yaml")),
        rendered.one("PrometheusRule spegel").at("spec"));

    KubernetesObject forOperator =
        Rendered.of("--set", "grafanaDashboard.enabled=true,grafanaDashboard.mode=GrafanaOperator")
            .one("GrafanaDashboard spegel-dashboard");
    assertEquals(Map.of("matchLabels", Map.of()), forOperator.at("spec", "instanceSelector"));
    assertEquals(
        dashboard.stripTrailing(), String.valueOf(forOperator.at("spec", "json")).stripTrailing());
  }

  @Test
  void autoscaler_isMadeWhereTheClusterKnowsIt() {
    String[] enabled = {"--set", "verticalPodAutoscaler.enabled=true"};
    assertNotEquals(true, Rendered.of(enabled).has(VPA));
    Rendered known = Rendered.of(enabled[0], enabled[1], "--api-versions", "autoscaling.k8s.io/v1");
    assertEquals("spegel", known.one(VPA).at("spec", "targetRef", "name"));
  }
}
