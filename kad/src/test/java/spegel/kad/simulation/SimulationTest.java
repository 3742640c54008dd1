package spegel.kad.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.kad.KadOptions;

/** The nodes in a cluster that exists only in memory. Each run prints its seed and its figures. */
@Timeout(300)
final class SimulationTest {
  private static final Duration LATENCY = Duration.ofMillis(1);

  @Test
  void search_findsKeys_inAThousandNodes() {
    SimulatedCluster cluster = new SimulatedCluster(42, 1_000, LATENCY);
    long messages = cluster.announce(25, 200);
    Searches still = cluster.search(1_000);
    double[] records = cluster.records();
    System.out.printf(
        "seed 42, 1000 nodes: %s; %.1f messages for a key announced; records of a node median %.0f"
            + " max %.0f%n",
        still, messages / 5_000.0, Searches.quantile(records, 0.5), Searches.quantile(records, 1));
    assertTrue(still.success() >= 0.999, still::toString);
    assertTrue(Searches.quantile(still.millis(), 0.99) <= 20, still::toString);

    cluster.lose(0.001);
    Searches churn = cluster.replace(0.3, Duration.ofMinutes(5), 3);
    System.out.printf("seed 42, 1000 nodes, 300 replaced in 5 min: %s%n", churn);
    assertTrue(churn.success() >= 0.99, churn::toString);
    assertTrue(Searches.quantile(churn.millis(), 0.99) <= 20, churn::toString);
  }

  @Test
  void search_endsInVainSoon_whileNodesHang() {
    SimulatedCluster cluster = new SimulatedCluster(42, 100, LATENCY);
    cluster.announce(10, 10);
    cluster.hang(0.1);
    double[] millis = cluster.searchInVain(50);
    Searches searches = cluster.search(100);
    System.out.printf(
        "seed 42, 100 nodes, 10 %% of them hang: in vain, ms p50 %.0f max %.0f; else %s%n",
        Searches.quantile(millis, 0.5), Searches.quantile(millis, 1), searches);
    // None of them for the ten seconds of a request, and some for as long as it takes to give up.
    assertTrue(Searches.quantile(millis, 1) < 3_000);
    assertTrue(Searches.quantile(millis, 1) >= 500);
    assertEquals(1, searches.success(), searches::toString);
  }

  @Test
  void search_findsKeysFromEachHalf_afterACutIsMended() {
    // One of the seeds with which some keys are not found even after two minutes.
    SimulatedCluster cluster = new SimulatedCluster(48, 300, LATENCY);
    cluster.cut();
    cluster.runFor(Duration.ofMinutes(10));
    cluster.announce(100, 5);
    Searches cut = cluster.searchFromBothHalves(500);
    assertEquals(0.5, cut.success(), cut::toString);
    cluster.mend(3);
    cluster.runFor(Duration.ofSeconds(20));
    Searches soon = cluster.searchFromBothHalves(500);
    System.out.printf("seed 48, 300 nodes, 20 s after a cut was mended: %s%n", soon);
    assertTrue(soon.success() >= 0.99, soon::toString);

    // By then every bucket was refreshed.
    cluster.runFor(KadOptions.DEFAULT.refreshInterval().plusMinutes(1));
    Searches later = cluster.searchFromBothHalves(500);
    System.out.printf("seed 48, 300 nodes, 11 min after that: %s%n", later);
    assertEquals(1, later.success(), later::toString);
  }
}
