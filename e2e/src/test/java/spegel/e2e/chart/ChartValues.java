package spegel.e2e.chart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import spegel.e2e.harness.Repository;

/** The keys of the chart's values.yaml, each with the comment that tells what it is. */
final class ChartValues {
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):.*");
  private static final Pattern COMMENT = Pattern.compile(" *# (-- )?(.*)");

  private ChartValues() {}

  /**
   * A key that has a comment.
   *
   * @param path the steps that lead to it
   * @param preset its value when it is not set
   */
  record Key(List<String> path, @Nullable Object preset, String description) {
    Key {
      path = List.copyOf(path);
    }

    String name() {
      return String.join(".", path);
    }
  }

  static Path file() {
    return Path.of(Repository.file("charts/spegel/values.yaml"));
  }

  /** The keys in their order; one without a comment is a group of those below it. */
  static List<Key> keys() {
    Map<String, Object> presets = Yaml.read(file());
    List<Key> keys = new ArrayList<>();
    List<String> path = new ArrayList<>();
    StringBuilder comment = new StringBuilder();
    int inside = Integer.MAX_VALUE; // The depth of a documented key, whose value is below.
    for (String line : lines()) {
      Matcher commented = COMMENT.matcher(line);
      Matcher key = KEY.matcher(line);
      if (commented.matches()) {
        comment.append(comment.isEmpty() ? "" : " ").append(commented.group(2));
      } else if (key.matches()) {
        int depth = key.group(1).length() / 2;
        if (depth > inside) {
          continue;
        }
        path.subList(depth, path.size()).clear();
        path.add(key.group(2));
        inside = comment.isEmpty() ? Integer.MAX_VALUE : depth;
        if (!comment.isEmpty()) {
          keys.add(new Key(path, at(presets, path), comment.toString()));
          comment.setLength(0);
        }
      }
    }
    return keys;
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The value at the path, or null. */
  static @Nullable Object at(@Nullable Object values, List<String> path) {
    Object value = values;
    for (String step : path) {
      value = value instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return value;
  }

  /** Whether the key is there, with whatever value. */
  static boolean has(Map<String, Object> values, List<String> path) {
    return at(values, path.subList(0, path.size() - 1)) instanceof Map<?, ?> parent
        && parent.containsKey(path.getLast());
  }
}
