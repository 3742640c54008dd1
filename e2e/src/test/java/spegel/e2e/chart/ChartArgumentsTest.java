package spegel.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.Spegel;

/** The program takes the arguments that the chart renders for it. */
class ChartArgumentsTest {
  private static final String ALL_ELSE =
      "spegel.logLevel=DEBUG,spegel.resolveTags=false,spegel.prependExisting=true,"
          + "spegel.debugWebEnabled=false,spegel.mirrorResolveRetries=5,spegel.mirrorResolveTimeout=5s,"
          + "spegel.verifyBlobs=always,spegel.containerdContentPath=,spegel.persistence.enabled=false,"
          + "clusterDomain=example.test";
  private static final String LISTS =
      "spegel.mirroredRegistries={https://docker.io,https://ghcr.io},"
          + "spegel.registryFilters={^docker.io/library/,:latest$},"
          + "spegel.additionalMirrorTargets={http://192.0.2.9:5000}";

  private final Path folder = RunFolder.current().newFolder("arguments");

  @ParameterizedTest
  @ValueSource(strings = {"nameOverride=", LISTS, ALL_ELSE, "service.registry.port=15000"})
  void registry_understandsThem(String values) {
    List<String> arguments = arguments(values, "DaemonSet spegel", "containers", "registry");
    // The first thing that fails once all arguments are read.
    String none = folder.resolve("none").toString();
    arguments.add("--store=oci-layout:" + none);
    Command.Outcome outcome = run(arguments);
    assertEquals(1, outcome.exitCode(), outcome::output);
    assertTrue(outcome.output().contains(none), outcome::output);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nameOverride=", LISTS, ALL_ELSE})
  void configuration_isWritten(String values) {
    List<String> arguments =
        arguments(
            values + ",spegel.containerdRegistryConfigPath=" + folder,
            "DaemonSet spegel",
            "initContainers",
            "configuration");
    arguments.replaceAll(word -> word.replace("$(NODE_IP)", "192.0.2.1"));
    run(arguments).orFail();
    String file = values.equals(LISTS) ? "ghcr.io/hosts.toml" : "_default/hosts.toml";
    assertTrue(Files.exists(folder.resolve(file)), file);
  }

  @Test
  void cleanup_understandsThem() {
    assertOnlyTheLastIsUnknown(
        arguments("nameOverride=", "DaemonSet spegel-cleanup", "containers", "cleanup"));
  }

  @Test
  void cleanupWait_understandsThem() {
    assertOnlyTheLastIsUnknown(
        new ArrayList<>(
            Rendered.of()
                .one("Pod spegel-cleanup-wait")
                .texts("spec", "containers", "cleanup-wait", "args")));
  }

  /** Those commands would do their work, or wait. */
  private static void assertOnlyTheLastIsUnknown(List<String> arguments) {
    arguments.add("--unknown");
    Command.Outcome outcome = run(arguments);
    assertEquals(2, outcome.exitCode(), outcome::output);
    assertTrue(outcome.output().contains("no such option: --unknown"), outcome::output);
  }

  private static List<String> arguments(
      String values, String object, String kind, String container) {
    List<String> arguments =
        Rendered.of("--set", values)
            .one(object)
            .texts("spec", "template", "spec", kind, container, "args");
    assertTrue(arguments.size() > 1, arguments::toString);
    return new ArrayList<>(arguments);
  }

  private static Command.Outcome run(List<String> arguments) {
    return Spegel.run(arguments.toArray(String[]::new));
  }
}
