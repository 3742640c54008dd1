package spegel.bench;

import java.time.Duration;
import java.util.List;
import spegel.kad.KadNode;
import spegel.kad.KadOptions;

/**
 * What it takes to announce 10,000 keys of one node to a network of 20, in this process over
 * loopback, and to announce them anew for ever after.
 */
final class KadAnnounce {
  private static final int NODES = 20;
  private static final int KEYS = 10_000;
  private static final Duration INTERVAL = Duration.ofSeconds(60);

  /** Until the young network has looked for its neighbours, and its code is compiled. */
  private static final Duration SETTLING = Duration.ofSeconds(30);

  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration STEADY = INTERVAL.multipliedBy(2);

  private KadAnnounce() {}

  public static void main(String[] args) throws Exception {
    Result result = new Result();
    try (LocalNetwork network =
        new LocalNetwork(KadOptions.DEFAULT.withReprovideInterval(INTERVAL))) {
      network.join(NODES);
      Thread.sleep(SETTLING);
      double idleShare = share(IDLE);
      announce(network, result);
      double steadyShare = share(STEADY);
      double scale =
          INTERVAL.toMillis() / (double) KadOptions.DEFAULT.reprovideInterval().toMillis();
      double announcing = (steadyShare - idleShare) * scale;
      result.atMost(
          1,
          "announce: steady state, the node that announces",
          "% of a core",
          100 * (idleShare / NODES + announcing));
      result.report(
          "announce: steady state, all nodes together",
          "% of a core",
          100 * (idleShare + announcing));
      result.report("announce: all nodes before they had keys", "% of a core", 100 * idleShare);
      result.remark(
          "20 nodes in one process with a heap of 256 MiB. Steady state: measured for "
              + STEADY.toSeconds()
              + " s with all keys announced anew each "
              + INTERVAL.toSeconds()
              + " s ("
              + Math.round(1000 * steadyShare) / 10.0
              + " % of a core for all nodes), of which what they took before they had keys is kept,"
              + " and the rest scaled to the interval of "
              + KadOptions.DEFAULT.reprovideInterval().toMinutes()
              + " minutes and put to the account of the one that announces, though others do most"
              + " of it.");
    }
    result.print();
  }

  private static void announce(LocalNetwork network, Result result) throws InterruptedException {
    List<byte[]> keys = LocalNetwork.keys("announced ", KEYS);
    KadNode holder = network.nodes().get(NODES / 2).kad();
    double cpuBefore = Child.cpuSeconds(ProcessHandle.current());
    long begin = System.nanoTime();
    holder.provide(keys);
    LocalNetwork.await(
        "all are told of all keys",
        () ->
            network.nodes().stream()
                .map(LocalNetwork.Node::kad)
                .allMatch(node -> node.equals(holder) || node.recordCount() == KEYS));
    double seconds = (System.nanoTime() - begin) / 1e9;
    double cpu = Child.cpuSeconds(ProcessHandle.current()) - cpuBefore;
    result.atMost(15, "announce: 10,000 keys to all of 20 nodes", "s", seconds);
    result.atMost(30, "announce: CPU of all nodes together", "s", cpu);
  }

  /** The part of a core that this process takes, over the given time. */
  private static double share(Duration time) throws InterruptedException {
    double before = Child.cpuSeconds(ProcessHandle.current());
    long begin = System.nanoTime();
    Thread.sleep(time);
    return (Child.cpuSeconds(ProcessHandle.current()) - before)
        / ((System.nanoTime() - begin) / 1e9);
  }
}
