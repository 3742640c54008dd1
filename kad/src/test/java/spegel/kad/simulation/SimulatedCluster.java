package spegel.kad.simulation;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import spegel.kad.KadOptions;
import spegel.kad.ProviderSearch;
import spegel.multiformats.Multihash;

/**
 * A cluster to try things on: nodes that have joined one after the other, keys that some of them
 * hold, searches for these. All chance comes from the seed.
 */
public final class SimulatedCluster {
  private static final Duration BETWEEN_JOINS = Duration.ofMillis(10);
  private static final Duration SETTLING = Duration.ofSeconds(30);
  private static final Duration MAX_ANNOUNCING = Duration.ofMinutes(5);
  private static final Duration SEARCH_PATIENCE = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(5);

  private final SimulatedNetwork network;
  private final Random random;
  private final List<Holding> holdings = new ArrayList<>();

  /** A key, and who has it. */
  private static final class Holding {
    final byte[] key;
    final SimulatedNetwork.Member holder;

    Holding(byte[] key, SimulatedNetwork.Member holder) {
      this.key = key;
      this.holder = holder;
    }
  }

  /**
   * What one node sends in one interval of announcing anew.
   *
   * @param withKeys the median of those that hold keys
   * @param without the median of those that hold none
   */
  public record Upkeep(double withKeys, double without) {}

  /**
   * A cluster in which all have joined and found each other.
   *
   * @param latency of one message, on average; each takes between half of it and half more
   */
  public SimulatedCluster(long seed, int nodes, Duration latency) {
    this.network = new SimulatedNetwork(seed, latency);
    this.random = network.random();
    for (int i = 0; i < nodes; i++) {
      network.join(KadOptions.DEFAULT);
      network.runFor(BETWEEN_JOINS);
    }
    network.runFor(SETTLING);
  }

  /** From now on this part of the requests and announcements gets lost, as if the peer hung. */
  public void lose(double part) {
    network.lose(part);
  }

  /** From now on this part of the nodes, none that holds a key, answers nothing. */
  public void hang(double part) {
    Set<SimulatedNetwork.Member> holders = holders();
    for (SimulatedNetwork.Member member : network.living()) {
      member.hangs = !holders.contains(member) && random.nextDouble() < part;
    }
  }

  private Set<SimulatedNetwork.Member> holders() {
    return holdings.stream().map(holding -> holding.holder).collect(Collectors.toSet());
  }

  /** Lets time pass. */
  public void runFor(Duration duration) {
    network.runFor(duration);
  }

  /** Messages that all nodes have sent so far, each announcement of a key counted as one. */
  public long messages() {
    return network.living().stream().mapToLong(SimulatedNetwork.Member::messages).sum();
  }

  /**
   * So many nodes, the oldest, announce so many keys each, all at once, and are done with it.
   *
   * @return messages, those that nodes send anyway among them
   */
  public long announce(int holders, int keysEach) {
    long before = messages();
    List<SimulatedNetwork.Member> chosen = network.living().subList(0, holders);
    for (SimulatedNetwork.Member holder : List.copyOf(chosen)) {
      List<byte[]> keys = new ArrayList<>();
      for (int i = 0; i < keysEach; i++) {
        String name = "image " + holdings.size();
        byte[] key = Multihash.sha256(name.getBytes(StandardCharsets.UTF_8)).bytes();
        keys.add(key);
        holdings.add(new Holding(key, holder));
      }
      holder.node.provide(keys);
    }
    long end = network.nowNanos() + MAX_ANNOUNCING.toNanos();
    while (network.living().stream().anyMatch(member -> member.node.pendingAnnouncements() > 0)
        && network.nowNanos() < end) {
      network.runFor(STEP);
    }
    network.runFor(Duration.ofSeconds(1));
    return messages() - before;
  }

  /** So many searches, each by a random node for a random key that another holds. */
  public Searches search(int count) {
    Searches searches = new Searches();
    for (int i = 0; i < count; i++) {
      Holding holding = holdings.get(random.nextInt(holdings.size()));
      search(holding, network.living(), searches);
    }
    return searches;
  }

  /**
   * So many searches for keys that nobody has, each by a random node that does not hang.
   *
   * @return milliseconds from the beginning to the end of each
   */
  public double[] searchInVain(int count) {
    List<SimulatedNetwork.Member> seekers =
        network.living().stream().filter(member -> !member.hangs).toList();
    double[] millis = new double[count];
    for (int i = 0; i < count; i++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      long begin = network.nowNanos();
      boolean[] ended = {false};
      seekers
          .get(random.nextInt(seekers.size()))
          .node
          .findProviders(key, _ -> {}, () -> ended[0] = true);
      while (!ended[0]) {
        network.runFor(Duration.ofMillis(1));
      }
      millis[i] = (network.nowNanos() - begin) / 1e6;
    }
    return millis;
  }

  /** Each of the keys that were announced last is searched for by a random node of each half. */
  public Searches searchFromBothHalves(int latest) {
    Searches searches = new Searches();
    List<List<SimulatedNetwork.Member>> halves = List.of(half(0), half(1));
    for (Holding holding : holdings.subList(holdings.size() - latest, holdings.size())) {
      for (List<SimulatedNetwork.Member> half : halves) {
        search(holding, half, searches);
      }
    }
    return searches;
  }

  private List<SimulatedNetwork.Member> half(int side) {
    return network.living().stream().filter(member -> member.side == side).toList();
  }

  private void search(Holding holding, List<SimulatedNetwork.Member> seekers, Searches searches) {
    SimulatedNetwork.Member seeker;
    do {
      seeker = seekers.get(random.nextInt(seekers.size()));
    } while (seeker == holding.holder);
    SimulatedNetwork.Trace trace = network.trace(seeker, holding.key);
    long begin = network.nowNanos();
    long[] foundNanos = {-1};
    boolean[] ended = {false};
    ProviderSearch search =
        seeker.node.findProviders(
            holding.key,
            _ -> foundNanos[0] = foundNanos[0] < 0 ? network.nowNanos() : foundNanos[0],
            () -> ended[0] = true);
    long end = begin + SEARCH_PATIENCE.toNanos();
    while (foundNanos[0] < 0 && !ended[0] && network.nowNanos() < end) {
      network.runFor(Duration.ofMillis(1));
    }
    search.cancel();
    if (foundNanos[0] < 0) {
      searches.missed();
    } else {
      searches.found((foundNanos[0] - begin) / 1e6, trace);
    }
  }

  /**
   * Replaces a part of the nodes, none that holds a key, one after the other, and searches between.
   *
   * @param searchesBetween after each replacement
   */
  public Searches replace(double part, Duration within, int searchesBetween) {
    Set<SimulatedNetwork.Member> holders = holders();
    int count = (int) (network.living().size() * part);
    Searches searches = new Searches();
    for (int i = 0; i < count; i++) {
      long next = network.nowNanos() + within.toNanos() / count;
      List<SimulatedNetwork.Member> living = network.living();
      SimulatedNetwork.Member leaving;
      do {
        leaving = living.get(random.nextInt(living.size()));
      } while (holders.contains(leaving));
      network.kill(leaving);
      network.join(KadOptions.DEFAULT);
      for (int j = 0; j < searchesBetween; j++) {
        search(holdings.get(random.nextInt(holdings.size())), living, searches);
      }
      network.runFor(Duration.ofNanos(Math.max(0, next - network.nowNanos())));
    }
    return searches;
  }

  /** Cuts the network in halves, into which the nodes fall by turns. */
  public void cut() {
    network.cut();
  }

  /**
   * Makes it whole again: so many pairs of nodes, one of each half, connect; no others are told.
   */
  public void mend(int meetings) {
    network.mend();
    for (int i = 0; i < meetings; i++) {
      List<SimulatedNetwork.Member> one = half(0);
      List<SimulatedNetwork.Member> other = half(1);
      one.get(random.nextInt(one.size())).meet(other.get(random.nextInt(other.size())));
    }
  }

  /** Provider records that each node holds for others. */
  public double[] records() {
    return network.living().stream().mapToDouble(member -> member.node.recordCount()).toArray();
  }

  /**
   * What each node sends in one interval of announcing anew, those that hold keys and those that do
   * not. Half an interval passes first, and what was announced at the beginning is announced again.
   */
  public Upkeep upkeep() {
    Duration interval = KadOptions.DEFAULT.reprovideInterval();
    network.runFor(interval);
    List<SimulatedNetwork.Member> living = List.copyOf(network.living());
    Set<SimulatedNetwork.Member> holders = holders();
    long[] before = living.stream().mapToLong(SimulatedNetwork.Member::messages).toArray();
    network.runFor(interval);
    List<Double> withKeys = new ArrayList<>();
    List<Double> without = new ArrayList<>();
    for (int i = 0; i < before.length; i++) {
      double sent = living.get(i).messages() - before[i];
      (holders.contains(living.get(i)) ? withKeys : without).add(sent);
    }
    return new Upkeep(median(withKeys), median(without));
  }

  private static double median(List<Double> values) {
    return Searches.quantile(values.stream().mapToDouble(Double::doubleValue).toArray(), 0.5);
  }
}
