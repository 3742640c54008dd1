package spegel.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SetUp;

/** The kustomizations make what the chart makes, object by object and field by field. */
class KustomizeTest {
  private static final String NAMESPACE = "Namespace spegel";

  private static String build(String... arguments) {
    String[] command = new String[arguments.length + 2];
    command[0] = SetUp.folder("manifests").resolve("kustomize").toString();
    command[1] = "build";
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    return Command.run(command).orFail().output();
  }

  private static String folder(String name) {
    return Repository.file("deploy/kustomize/" + name);
  }

  @ParameterizedTest
  @CsvSource({
    "base, nodeSelector.kubernetes\\.io/os=linux",
    "overlays/basic-auth, basicAuthSecretName=spegel-basic-auth",
    "overlays/service-monitor, serviceMonitor.enabled=true",
    "overlays/network-policy, networkPolicy.enabled=true",
  })
  void kustomization_makesWhatTheChartInstalls(String kustomization, String value) {
    String built = build(folder(kustomization));
    List<KubernetesObject> installed =
        Rendered.of("--set", value).objects().stream().filter(object -> !object.isHook()).toList();
    assertEquals(fields(installed), fields(KubernetesObject.parse(built)));
    ManifestCheck.check(built);
  }

  @Test
  void cleanup_makesWhatTheChartMakesAfterAnUninstall() {
    String built = build(folder("cleanup"));
    List<KubernetesObject> hooks =
        Rendered.of().objects().stream().filter(KubernetesObject::isHook).toList();
    assertEquals(fields(hooks), fields(KubernetesObject.parse(built)));
    ManifestCheck.check(built);
  }

  /** Without what Helm says about itself, and without the namespace, which is Helm's to create. */
  private static Map<String, Map<String, String>> fields(List<KubernetesObject> objects) {
    Map<String, Map<String, String>> fields = new TreeMap<>();
    for (KubernetesObject object : objects) {
      if (!object.id().equals(NAMESPACE)) {
        Map<String, String> flat = object.flat();
        flat.keySet()
            .removeIf(
                path ->
                    path.endsWith(".helm.sh/chart")
                        || path.endsWith(".app.kubernetes.io/managed-by")
                        || path.endsWith(".app.kubernetes.io/version")
                        || path.contains(".annotations.helm.sh/hook"));
        fields.put(object.id(), flat);
      }
    }
    return fields;
  }

  @Test
  void helmCharts_makeWhatHelmMakes_fromARegistry() throws IOException {
    Path folder = RunFolder.current().newFolder("kustomize");
    try (DockerRegistry registry = DockerRegistry.start()) {
      String repository = Helm.publish(registry);
      Files.writeString(
          folder.resolve("kustomization.yaml"),
          Files.readString(Path.of(folder("helm"), "kustomization.yaml"))
              .replaceAll("oci://\\S+", repository));
      String built =
          build(folder.toString(), "--enable-helm", "--helm-command", plainHttp(folder).toString());
      assertEquals(fields(Rendered.of().objects()), fields(KubernetesObject.parse(built)));
    }
  }

  /** Helm as kustomize calls it, for a registry without TLS. */
  private static Path plainHttp(Path folder) throws IOException {
    Path script =
        Files.writeString(
            folder.resolve("helm"),
            """
            #!/bin/sh
            [ "$1" != pull ] || set -- "$@" --plain-http
            exec '%s' "$@"
            """
                .formatted(Helm.program()));
    if (!script.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + script + " executable");
    }
    return script;
  }
}
