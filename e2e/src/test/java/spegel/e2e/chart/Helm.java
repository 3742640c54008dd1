package spegel.e2e.chart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SetUp;

/** Helm on the chart of these sources, with a home of its own. */
final class Helm {
  static final String CHART = Repository.file("charts/spegel");

  private static final Path HOME = RunFolder.current().newFolder("helm");

  private Helm() {}

  static Command.Outcome run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("env"));
    for (String kind : List.of("CACHE", "CONFIG", "DATA")) {
      command.add("HELM_%s_HOME=%s".formatted(kind, HOME));
    }
    command.add(program().toString());
    command.addAll(List.of(arguments));
    return Command.run(command);
  }

  static Path program() {
    return SetUp.folder("kubernetes").resolve("helm");
  }

  /** What an installation as {@code spegel} into the namespace {@code spegel} makes, as YAML. */
  static String render(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("template", "spegel", CHART, "--namespace", "spegel"));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new)).orFail().output();
  }

  static Rendered rendered(String... more) {
    return new Rendered(KubernetesObject.parse(render(more)));
  }
}
