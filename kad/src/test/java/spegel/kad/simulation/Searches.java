package spegel.kad.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What some searches took, each up to the first provider that it found. */
public final class Searches {
  private int searches;
  private final List<Double> millis = new ArrayList<>();
  private final List<Double> hops = new ArrayList<>();
  private final List<Double> messages = new ArrayList<>();

  void found(double inMillis, SimulatedNetwork.Trace trace) {
    searches++;
    millis.add(inMillis);
    hops.add((double) trace.hopsToProvider());
    messages.add((double) trace.requests());
  }

  void missed() {
    searches++;
  }

  /** The part of the searches that found a provider. */
  public double success() {
    return millis.size() / (double) searches;
  }

  /** Simulated time from the beginning to the first provider, of those that found one. */
  public double[] millis() {
    return array(millis);
  }

  /** Peers, each named by the one before, asked for the first provider; 0: told of it before. */
  public double[] hops() {
    return array(hops);
  }

  /** Requests made until then. */
  public double[] messages() {
    return array(messages);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The value below which the given part of the samples lies, by the nearest rank. */
  public static double quantile(double[] samples, double part) {
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d of %d found; ms p50 %.1f p99 %.1f p99.9 %.1f; hops p50 %.0f max %.0f;"
            + " messages p50 %.0f p99 %.0f",
        millis.size(),
        searches,
        quantile(millis(), 0.5),
        quantile(millis(), 0.99),
        quantile(millis(), 0.999),
        quantile(hops(), 0.5),
        quantile(hops(), 1),
        quantile(messages(), 0.5),
        quantile(messages(), 0.99));
  }
}
