package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Helm, with a home of its own, and the chart of these sources. */
public final class Helm {
  /** The folder of the chart. */
  public static final String CHART = Repository.file("charts/spegel");

  private static final Path HOME = RunFolder.current().newFolder("helm");

  private Helm() {}

  /** Runs it to its end. */
  public static Command.Outcome run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("env"));
    for (String kind : List.of("CACHE", "CONFIG", "DATA")) {
      command.add("HELM_%s_HOME=%s".formatted(kind, HOME));
    }
    command.add(program().toString());
    command.addAll(List.of(arguments));
    return Command.run(command);
  }

  /** The program itself. */
  public static Path program() {
    return SetUp.folder("kubernetes").resolve("helm");
  }

  /** The chart's version. */
  public static String version() {
    try {
      return Files.readAllLines(Path.of(CHART, "Chart.yaml")).stream()
          .filter(line -> line.startsWith("version: "))
          .map(line -> line.substring("version: ".length()))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Packs the chart and pushes it; returns where it is then, without its own name. */
  public static String publish(DockerRegistry registry) {
    Path folder = RunFolder.current().newFolder("chart");
    String repository = "oci://" + registry.url().getAuthority() + "/charts";
    run("package", CHART, "--destination", folder.toString()).orFail();
    String archive = folder.resolve("spegel-" + version() + ".tgz").toString();
    run("push", archive, repository, "--plain-http").orFail();
    return repository;
  }
}
