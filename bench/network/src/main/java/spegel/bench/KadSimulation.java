package spegel.bench;

import java.time.Duration;
import spegel.kad.simulation.Searches;
import spegel.kad.simulation.SimulatedCluster;

/**
 * Clusters of 1,000 and 10,000 nodes on a simulated clock and network: the searches' success and
 * simulated time, what announcing costs, what happens while nodes are replaced and after a cut.
 * Arguments, if any, are the number of nodes and the seed.
 */
final class KadSimulation {
  private static final Duration LATENCY = Duration.ofMillis(1);
  private static final int HOLDERS = 50;
  private static final int KEYS_EACH = 200;
  private static final int SEARCHES = 2_000;
  private static final int MEETINGS = 3;
  private static final int KEYS_EACH_IN_CUT = 20;
  private static final Duration CUT = Duration.ofMinutes(5);

  /** It takes half an hour of simulated time, in which all nodes look after their tables. */
  private static final int MAX_NODES_FOR_UPKEEP = 1_000;

  private final Result result;
  private final int nodes;
  private final long seed;

  private KadSimulation(Result result, int nodes, long seed) {
    this.result = result;
    this.nodes = nodes;
    this.seed = seed;
  }

  public static void main(String[] args) {
    Result result = new Result();
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 42;
    if (args.length > 0) {
      new KadSimulation(result, Integer.parseInt(args[0]), seed).run();
    } else {
      new KadSimulation(result, 1_000, seed).run();
      new KadSimulation(result, 10_000, seed).run();
    }
    result.remark(
        "Simulated time: one message takes 0.5 to 1.5 ms, a first contact three round trips more,"
            + " computing none. "
            + HOLDERS
            + " nodes hold "
            + KEYS_EACH
            + " keys each; a seeker never holds the key itself. Messages are requests, and"
            + " announcements of a key to one node; answers do not count. Seed "
            + seed
            + ".");
    result.print();
  }

  private void run() {
    long begin = System.nanoTime();
    SimulatedCluster cluster = new SimulatedCluster(seed, nodes, LATENCY);
    progress("joined", begin);
    report("to join, messages of a node", "messages", cluster.messages() / (double) nodes);
    long announced = cluster.announce(HOLDERS, KEYS_EACH);
    report("messages to announce a key", "messages", announced / (double) (HOLDERS * KEYS_EACH));
    searches("", cluster.search(SEARCHES), 0.999);
    double[] records = cluster.records();
    report("records of a node, median", "records", Searches.quantile(records, 0.5));
    report("records of a node, most", "records", Searches.quantile(records, 1));
    progress("searched", begin);
    if (nodes <= MAX_NODES_FOR_UPKEEP) {
      SimulatedCluster.Upkeep upkeep = cluster.upkeep();
      report("messages of a node without keys in 15 min", "messages", upkeep.without());
      report(
          "messages more with " + KEYS_EACH + " keys to announce anew",
          "messages",
          upkeep.withKeys() - upkeep.without());
      progress("announced anew", begin);
    }
    cluster.lose(0.001);
    Duration churn = Duration.ofMinutes(10);
    int searchesBetween = Math.max(1, SEARCHES / (nodes * 3 / 10));
    searches(
        "30 % replaced in 10 min, 0.1 % lost, ",
        cluster.replace(0.3, churn, searchesBetween), 0.99);
    cluster.lose(0);
    progress("replaced", begin);
    cutAndMend(cluster);
    progress("cut and mended", begin);
    report("real time of all this", "s", (System.nanoTime() - begin) / 1e9);
  }

  private void cutAndMend(SimulatedCluster cluster) {
    cluster.cut();
    cluster.runFor(CUT);
    cluster.announce(HOLDERS, KEYS_EACH_IN_CUT);
    cluster.mend(MEETINGS);
    cluster.runFor(Duration.ofSeconds(20));
    Searches mended = cluster.searchFromBothHalves(HOLDERS * KEYS_EACH_IN_CUT);
    result.atLeast(
        0.99,
        name("cut for 5 min, 20 s after " + MEETINGS + " pairs met, found from each half"),
        "part",
        mended.success());
  }

  private void searches(String when, Searches searches, double atLeast) {
    result.atLeast(atLeast, name(when + "found"), "part", searches.success());
    double[] millis = searches.millis();
    report(when + "time to the first provider, p50", "ms", Searches.quantile(millis, 0.5));
    result.atMost(
        20, name(when + "time to the first provider, p99"), "ms", Searches.quantile(millis, 0.99));
    report(when + "time to the first provider, p99.9", "ms", Searches.quantile(millis, 0.999));
    report(when + "hops, p50", "hops", Searches.quantile(searches.hops(), 0.5));
    report(when + "hops, most", "hops", Searches.quantile(searches.hops(), 1));
    report(when + "messages, p50", "messages", Searches.quantile(searches.messages(), 0.5));
    report(when + "messages, p99", "messages", Searches.quantile(searches.messages(), 0.99));
  }

  private void report(String what, String unit, double value) {
    result.report(name(what), unit, value);
  }

  private String name(String what) {
    return "kad-simulation: " + nodes + " nodes, " + what;
  }

  private void progress(String what, long beginNanos) {
    System.err.printf(
        "%d nodes: %s, %.0f s%n", nodes, what, (System.nanoTime() - beginNanos) / 1e9);
  }
}
