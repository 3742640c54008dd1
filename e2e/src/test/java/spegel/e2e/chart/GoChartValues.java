package spegel.e2e.chart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import spegel.e2e.harness.Helm;
import spegel.e2e.harness.RunFolder;

/**
 * A user's values for a chart of the Go program, with every key of it, and what that makes of them.
 */
enum GoChartValues {
  /** v0.7.4. */
  RELEASE,
  /** The main branch of August 2026. */
  MAIN;

  private static final Path FOLDER = RunFolder.current().newFolder("values");

  Map<String, Object> input() {
    return Yaml.documents(resource("values.yaml")).getFirst();
  }

  List<KubernetesObject> objects() {
    return KubernetesObject.parse(resource("objects.yaml"));
  }

  private String resource(String file) {
    String name = name().toLowerCase(Locale.ROOT) + "/" + file;
    try (InputStream in = GoChartValues.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new AssertionError("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What our chart makes of values, as YAML. */
  static String render(Map<String, Object> values) {
    try {
      Path file = Files.createTempFile(FOLDER, "values", ".yaml");
      Files.writeString(file, Yaml.write(values));
      List<String> arguments =
          new ArrayList<>(List.of("template", "instance", Helm.CHART, "--namespace", "elsewhere"));
      arguments.addAll(List.of("--values", file.toString()));
      arguments.addAll(List.of("--api-versions", "autoscaling.k8s.io/v1"));
      return Helm.run(arguments.toArray(String[]::new)).orFail().output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The values with another one at the path: the opposite of a boolean, and nothing for all else.
   */
  static Map<String, Object> without(Map<String, Object> values, List<String> path) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    String step = path.getFirst();
    if (path.size() > 1) {
      Map<String, Object> below = Yaml.map(values.get(step));
      changed.put(step, without(below, path.subList(1, path.size())));
    } else if (values.get(step) instanceof Boolean flag) {
      changed.put(step, !flag);
    } else {
      changed.remove(step);
    }
    return changed;
  }
}
