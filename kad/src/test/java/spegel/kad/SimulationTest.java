package spegel.kad;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.multiformats.Multihash;

/** The nodes in a cluster that exists only in memory. Each run prints its seed and its figures. */
@Timeout(120)
final class SimulationTest {
  private static final Duration LATENCY = Duration.ofMillis(1);

  /** What the searches of a run took. */
  private record Figures(
      int searches, int successes, double p50Millis, double p99Millis, double p999Millis) {
    double rate() {
      return successes / (double) searches;
    }
  }

  private static byte[] key(String name) {
    return Multihash.sha256(name.getBytes(StandardCharsets.UTF_8)).bytes();
  }

  private static SimulatedNetwork cluster(long seed, int size, double loss) {
    SimulatedNetwork network = new SimulatedNetwork(seed, LATENCY, loss);
    for (int i = 0; i < size; i++) {
      network.join(KadOptions.DEFAULT);
      network.runFor(Duration.ofMillis(10));
    }
    network.runFor(Duration.ofSeconds(60));
    return network;
  }

  /**
   * Each of the keys is searched for by a random node that may have it itself, one after the other.
   */
  private static Figures search(SimulatedNetwork network, List<byte[]> keys) {
    List<Double> millis = new ArrayList<>();
    int searches = 0;
    for (byte[] key : keys) {
      List<SimulatedNetwork.Member> living = network.living();
      SimulatedNetwork.Member seeker = living.get(network.random().nextInt(living.size()));
      long begin = network.nowNanos();
      long[] foundNanos = {-1};
      ProviderSearch search =
          seeker.node.findProviders(
              key,
              _ -> foundNanos[0] = foundNanos[0] < 0 ? network.nowNanos() : foundNanos[0],
              () -> {});
      for (int step = 0; step < 2_000 && foundNanos[0] < 0; step++) {
        network.runFor(Duration.ofMillis(5));
      }
      search.cancel();
      searches++;
      if (foundNanos[0] >= 0) {
        millis.add((foundNanos[0] - begin) / 1e6);
      }
    }
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return new Figures(
        searches,
        sorted.length,
        percentile(sorted, 0.5),
        percentile(sorted, 0.99),
        percentile(sorted, 0.999));
  }

  private static double percentile(double[] sorted, double rank) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1, rank * sorted.length)];
  }

  @Test
  void search_findsEveryKey_inAThousandNodes() {
    long seed = 42;
    SimulatedNetwork network = cluster(seed, 1_000, 0);
    List<byte[]> keys = new ArrayList<>();
    long before = network.messages();
    List<SimulatedNetwork.Member> living = network.living();
    for (int i = 0; i < 1_000; i++) {
      byte[] key = key("image-" + i);
      keys.add(key);
      living.get(network.random().nextInt(living.size())).node.provide(List.of(key));
    }
    network.runFor(Duration.ofSeconds(5));
    long announced = network.messages() - before;
    before = network.messages();
    Figures figures = search(network, keys);
    int[] records =
        living.stream().mapToInt(member -> member.node.recordCount()).sorted().toArray();
    System.out.printf(
        "seed %d: %s, %.1f messages a key announced, %.1f a search, records a node median %d max %d%n",
        seed,
        figures,
        announced / 1000.0,
        (network.messages() - before) / 1000.0,
        records[records.length / 2],
        Arrays.stream(records).max().orElse(0));
    // A seeker that has the key itself finds nobody else.
    assertTrue(figures.rate() >= 0.998, () -> "success " + figures);
    assertTrue(figures.p99Millis() <= 20, () -> "time " + figures);
  }

  @Test
  void search_findsKeys_whileNodesAreReplaced() {
    long seed = 43;
    SimulatedNetwork network = cluster(seed, 300, 0.001);
    List<SimulatedNetwork.Member> providers = network.living().subList(0, 50);
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      byte[] key = key("image-" + i);
      keys.add(key);
      providers.get(i % providers.size()).node.provide(List.of(key));
    }
    network.runFor(Duration.ofSeconds(5));
    // 30 % of the nodes, none of the providers, go and come within ten minutes.
    for (int i = 0; i < 90; i++) {
      List<SimulatedNetwork.Member> others =
          network.living().stream().filter(member -> !providers.contains(member)).toList();
      network.kill(others.get(network.random().nextInt(others.size())));
      network.join(KadOptions.DEFAULT);
      network.runFor(Duration.ofMillis(6_666));
    }
    Figures figures = search(network, keys);
    System.out.printf("seed %d: churn: %s%n", seed, figures);
    assertTrue(figures.rate() >= 0.99, () -> "success " + figures);
  }
}
