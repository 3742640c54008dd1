package spegel.e2e.harness;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Samples in the text format of Prometheus.
 *
 * @param samples by series as printed, {@code name{label="value",…}}
 */
public record Metrics(Map<String, Double> samples) {
  static Metrics parse(String text) {
    Map<String, Double> samples = new LinkedHashMap<>();
    text.lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            });
    return new Metrics(samples);
  }

  /** The value of a series; labels in the order of the alphabet. */
  public OptionalDouble value(String series) {
    Double value = samples.get(series);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** Whether there is a series of this name. */
  public boolean has(String name) {
    return samples.keySet().stream()
        .anyMatch(series -> series.equals(name) || series.startsWith(name + "{"));
  }
}
