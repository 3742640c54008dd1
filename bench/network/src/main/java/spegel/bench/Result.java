package spegel.bench;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a benchmark found: measures, and remarks for whoever reads them. */
final class Result {
  /** One quantity; the median of its samples is held against a bound, when there is one. */
  private record Measure(
      String name,
      String unit,
      List<Double> samples,
      @Nullable Double atMost,
      @Nullable Double atLeast) {}

  private final List<Measure> measures = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  /** A quantity that is reported only. */
  void report(String name, String unit, double... samples) {
    measures.add(new Measure(name, unit, list(samples), null, null));
  }

  /** A quantity whose median is to be no more than the bound. */
  void atMost(double bound, String name, String unit, double... samples) {
    measures.add(new Measure(name, unit, list(samples), bound, null));
  }

  /** A quantity whose median is to be no less than the bound. */
  void atLeast(double bound, String name, String unit, double... samples) {
    measures.add(new Measure(name, unit, list(samples), null, bound));
  }

  private static List<Double> list(double[] samples) {
    return Arrays.stream(samples).boxed().toList();
  }

  void remark(String text) {
    remarks.add(text);
  }

  /** The value below which the given part of the sorted samples lies, by the nearest rank. */
  static double quantile(double[] samples, double part) {
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  /** Prints the result as the one line of JSON that bench/run reads. */
  void print() {
    System.out.println(new Gson().toJson(this));
  }
}
