package spegel.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.Repository;

/** What comes with the chart: its schema, its pages, its version, and the way to users. */
class ChartPackageTest {
  private static final Pattern PROJECT_VERSION = Pattern.compile("<version>(.+?)</version>");

  @Test
  void lint_findsNothing() {
    Command.Outcome outcome = Helm.run("lint", "--strict", Helm.CHART).orFail();
    assertTrue(outcome.output().contains("0 chart(s) failed"), outcome.output());
  }

  @Test
  void unknownKeys_areRefused_andNamed() {
    Command.Outcome outcome =
        Helm.run(
            "template",
            Helm.CHART,
            "--set",
            "image.repo=a,imagePullSecret=a,service.registry.hostport=1,"
                + "service.metrics.enabled=true,spegel.registries[0]=a,spegel.persistence.size=1,"
                + "grafanaDashboard.sidecarLabel=a,grafanaDashboard.grafanaOperator.name=a,"
                + "serviceMonitor.namespace=a,networkPolicy.enable=true,livenessProbe.path=a,"
                + "verticalPodAutoscaler.enable=true,serviceAccount.create=true");
    assertNotEquals(0, outcome.exitCode());
    for (String line :
        List.of(
            "at '': additional properties 'imagePullSecret' not allowed",
            "at '/image': additional properties 'repo' not allowed",
            "at '/service/registry': additional properties 'hostport' not allowed",
            "at '/service/metrics': additional properties 'enabled' not allowed",
            "at '/spegel': additional properties 'registries' not allowed",
            "at '/spegel/persistence': additional properties 'size' not allowed",
            "at '/grafanaDashboard': additional properties 'sidecarLabel' not allowed",
            "at '/grafanaDashboard/grafanaOperator': additional properties 'name' not allowed",
            "at '/serviceMonitor': additional properties 'namespace' not allowed",
            "at '/networkPolicy': additional properties 'enable' not allowed",
            "at '/livenessProbe': additional properties 'path' not allowed",
            "at '/verticalPodAutoscaler': additional properties 'enable' not allowed",
            "at '/serviceAccount': additional properties 'create' not allowed")) {
      assertTrue(outcome.output().contains(line), () -> line + " is not in " + outcome.output());
    }
  }

  @Test
  void wrongValues_areRefused_andNamed() {
    Command.Outcome outcome =
        Helm.run(
            "template",
            Helm.CHART,
            "--set",
            "spegel.logLevel=loud,spegel.mirrorResolveTimeout=20,service.registry.nodePort=70000,"
                + "spegel.containerdSock=run/containerd.sock,commonLabels.on=true,"
                + "spegel.mirroredRegistries=https://docker.io,image.digest=abc");
    assertNotEquals(0, outcome.exitCode());
    for (String place :
        List.of(
            "/spegel/logLevel",
            "/spegel/mirrorResolveTimeout",
            "/service/registry/nodePort",
            "/spegel/containerdSock",
            "/commonLabels/on",
            "/spegel/mirroredRegistries",
            "/image/digest")) {
      assertTrue(outcome.output().contains("at '" + place + "': "), outcome.output());
    }
  }

  @Test
  void valuesThatAreTakenAway_leaveKubernetesItsOwn() {
    Rendered rendered =
        Rendered.of(
            "--set",
            "nodeSelector=null,resources=null,securityContext=null,tolerations=null,"
                + "service.registry.annotations=null,image.tag=null");
    assertEquals(
        null, rendered.one("DaemonSet spegel").at("spec", "template", "spec", "nodeSelector"));
  }

  /** A chart that has this one as a dependency hands it values of its own. */
  @Test
  void asADependency_itTakesGlobalsAndItsSwitch() {
    Rendered.of("--set", "global.imageRegistry=registry.test,enabled=true");
  }

  @Test
  void notes_tellHowToSeeThatItWorks() {
    String notes =
        Helm.run(
                "install",
                "spegel",
                Helm.CHART,
                "--namespace",
                "mirror",
                "--dry-run=client",
                "--set",
                "spegel.containerdMirrorAdd=false,spegel.containerdRegistryConfigPath=/etc/hosts.d,"
                    + "verticalPodAutoscaler.enabled=true")
            .orFail()
            .output();
    notes = notes.substring(notes.indexOf("NOTES:"));
    for (String part :
        List.of(
            "kubectl --namespace mirror rollout status daemonset/spegel",
            "grep 'OCI event'",
            "discard_unpacked_layers = false",
            "/etc/hosts.d",
            "spegel.containerdMirrorAdd is false",
            "autoscaling.k8s.io/v1")) {
      assertTrue(notes.contains(part), notes);
    }
  }

  @Test
  void versions_areTheProjects() throws IOException {
    Matcher project =
        PROJECT_VERSION.matcher(Files.readString(Path.of(Repository.file("pom.xml"))));
    assertTrue(project.find());
    String chart = Files.readString(Path.of(Helm.CHART, "Chart.yaml"));
    assertTrue(chart.contains("\nversion: " + project.group(1) + "\n"), chart);
    assertTrue(chart.contains("\nappVersion: " + project.group(1) + "\n"), chart);
  }

  @Test
  void readme_isMadeOfTheValues() throws IOException {
    Path readme = Path.of(Helm.CHART, "README.md");
    String expected = ChartReadme.of(Files.readString(readme));
    if (!expected.equals(Files.readString(readme))) {
      Path made = Path.of(Repository.file("e2e/target"), "chart-README.md");
      Files.writeString(made, expected);
      throw new AssertionError(
          "%s does not say what values.yaml says; take %s".formatted(readme, made));
    }
  }

  @Test
  void chart_isTheSame_fromARegistry() {
    try (DockerRegistry registry = DockerRegistry.start()) {
      String repository = Helm.publish(registry);
      String pulled =
          Helm.run(
                  "template",
                  "spegel",
                  repository + "/spegel",
                  "--version",
                  Helm.version(),
                  "--namespace",
                  "spegel",
                  "--plain-http")
              .orFail()
              .output();
      assertEquals(
          Rendered.of().objects(), KubernetesObject.parse(pulled.substring(pulled.indexOf("---"))));
    }
  }
}
