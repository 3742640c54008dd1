package spegel.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SetUp;

/** Kubernetes' own types, of several of its versions: what they do not know is an error. */
final class ManifestCheck {
  private static final int VERSIONS = 3;

  /** The module with its types is out of reach; the tests say what it looks like. */
  private static final String UNCHECKED = "unchecked GrafanaDashboard";

  private ManifestCheck() {}

  static void check(String yaml) {
    Set<String> expected =
        KubernetesObject.parse(yaml).stream()
            .map(KubernetesObject::id)
            .map(id -> id.startsWith("GrafanaDashboard ") ? UNCHECKED : id)
            .collect(Collectors.toSet());
    Path file = RunFolder.current().newFolder("manifests").resolve("objects.yaml");
    try (Stream<Path> programs = Files.list(SetUp.folder("manifests"))) {
      Files.writeString(file, yaml);
      List<Path> versions =
          programs.filter(each -> each.getFileName().toString().startsWith("1.")).toList();
      assertEquals(VERSIONS, versions.size());
      for (Path program : versions) {
        Command.Outcome outcome =
            Command.run("sh", "-c", "exec \"$0\" <\"$1\"", program.toString(), file.toString());
        assertTrue(outcome.exitCode() == 0, () -> program + ": " + outcome.output());
        assertEquals(expected, Set.copyOf(outcome.lines()), program.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
