package spegel.kad.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The nodes in a cluster that exists only in memory. Each run prints its seed and its figures. */
@Timeout(300)
final class SimulationTest {
  private static final Duration LATENCY = Duration.ofMillis(1);
  private static final int NODES = 1_000;

  @Test
  void search_findsEveryKey_inAThousandNodes() {
    long t0 = System.nanoTime();
    SimulatedCluster cluster = new SimulatedCluster(42, NODES, LATENCY, 0);
    System.out.printf(
        "joined %d messages, %.1f s%n", cluster.messages(), (System.nanoTime() - t0) / 1e9);
    long messages = cluster.announce(50, 200);
    System.out.printf("announced %.1f s%n", (System.nanoTime() - t0) / 1e9);
    Searches searches = cluster.search(2_000);
    double[] records = cluster.records();
    System.out.printf(
        "seed 42, 1000 nodes: %s; %.1f messages for a key announced; records of a node median %.0f max %.0f%n",
        searches,
        messages / 10_000.0,
        Searches.quantile(records, 0.5),
        Searches.quantile(records, 1));
    System.out.printf("searched %.1f s%n", (System.nanoTime() - t0) / 1e9);
    assertTrue(searches.success() >= 0.999, searches::toString);
    assertTrue(Searches.quantile(searches.millis(), 0.99) <= 20, searches::toString);
  }

  @Test
  void search_findsKeys_whileNodesAreReplacedAndRequestsAreLost() {
    long t0 = System.nanoTime();
    SimulatedCluster cluster = new SimulatedCluster(43, NODES, LATENCY, 0.001);
    cluster.announce(50, 20);
    Searches searches = cluster.replace(0.3, Duration.ofMinutes(10), 5);
    System.out.printf("seed 43, 1000 nodes, churn: %s%n", searches);
    System.out.printf("churn %.1f s%n", (System.nanoTime() - t0) / 1e9);
    assertTrue(searches.success() >= 0.99, searches::toString);
  }

  @Test
  void search_findsEveryKey_afterACutIsMended() {
    long t0 = System.nanoTime();
    SimulatedCluster cluster = new SimulatedCluster(44, NODES, LATENCY, 0);
    cluster.cut();
    cluster.runFor(Duration.ofMinutes(10));
    cluster.announce(100, 10);
    System.out.printf("cut %.1f s%n", (System.nanoTime() - t0) / 1e9);
    Searches cut = cluster.searchFromBothHalves();
    assertEquals(0.5, cut.success(), 0.01, cut::toString);
    cluster.mend(3);
    for (int i = 0; i < 20; i++) {
      cluster.runFor(Duration.ofSeconds(30));
      Searches searches = cluster.searchFromBothHalves();
      System.out.printf(
          "seed 44, 1000 nodes, cut and mended: %s; %d%n", searches, cluster.messages());
      if (searches.success() == 1) break;
    }
    System.out.printf("mended %.1f s%n", (System.nanoTime() - t0) / 1e9);
  }
}
