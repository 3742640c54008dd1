package spegel.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import spegel.kad.KadNode;
import spegel.kad.KadOptions;
import spegel.kad.ProviderSearch;
import spegel.libp2p.Identity;
import spegel.libp2p.host.Host;
import spegel.routing.Lookup;
import spegel.routing.bootstrap.BootstrapPeer;
import spegel.routing.kad.KadRouter;
import spegel.routing.kad.KadRouterOptions;

/**
 * How soon a node finds who has a key: 20 nodes in this process, over loopback; one has the keys,
 * another, which came later and so was told of none, searches.
 */
final class KadLookup {
  private static final String NAME = "found ";
  private static final int NODES = 20;
  private static final int FROZEN = 5;
  private static final int ROUNDS = 7;
  private static final int LOOKUPS = 500;

  private KadLookup() {}

  public static void main(String[] args) throws Exception {
    List<byte[]> keys = LocalNetwork.keys(NAME, (ROUNDS + 2) * LOOKUPS);
    try (LocalNetwork network = new LocalNetwork(KadOptions.DEFAULT)) {
      network.join(NODES - 1);
      KadNode holder = network.nodes().get(NODES / 2).kad();
      holder.provide(keys);
      LocalNetwork.await(
          "all are told",
          () ->
              network.nodes().stream()
                  .map(LocalNetwork.Node::kad)
                  .allMatch(node -> node.equals(holder) || node.recordCount() == keys.size()));
      network.join(1);
      LocalNetwork.Node seeker = network.nodes().getLast();
      Result result = new Result();
      measure(seeker.kad(), keys, result);
      measureRouter(network, result);
      network.joinFrozen(FROZEN, seeker);
      double[] millis = found(seeker.kad(), keys.subList(0, LOOKUPS));
      result.report("lookup: with 5 frozen peers more, p50", "ms", Result.quantile(millis, 0.5));
      result.atMost(
          500, "lookup: with 5 frozen peers more, the longest", "ms", Result.quantile(millis, 1));
      result.print();
    }
  }

  private static void measure(KadNode seeker, List<byte[]> keys, Result result) throws Exception {
    double[] first = found(seeker, keys.subList(0, 50));
    found(seeker, keys.subList(LOOKUPS, 2 * LOOKUPS));
    double[] p50 = new double[ROUNDS];
    double[] p99 = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      double[] millis = found(seeker, keys.subList((i + 2) * LOOKUPS, (i + 3) * LOOKUPS));
      p50[i] = Result.quantile(millis, 0.5);
      p99[i] = Result.quantile(millis, 0.99);
    }
    double[] misses = missed(seeker, LocalNetwork.keys("nobody's ", LOOKUPS));
    result.atMost(3, "lookup: to the first provider, p50", "ms", p50);
    result.atMost(15, "lookup: to the first provider, p99", "ms", p99);
    result.report("lookup: the first 50 of the process, p50", "ms", Result.quantile(first, 0.5));
    result.report("lookup: of a key that nobody has, p50", "ms", Result.quantile(misses, 0.5));
    result.report("lookup: of a key that nobody has, p99", "ms", Result.quantile(misses, 0.99));
    result.remark(
        "20 nodes in one process with a heap of 256 MiB, on all cores; "
            + LOOKUPS
            + " searches a sample, one after the other, each for another key. Frozen peers are"
            + " connected, and answer no request.");
  }

  /** The same as the registry sees it: through the router, which keeps what was found. */
  private static void measureRouter(LocalNetwork network, Result result) throws Exception {
    Host first = network.nodes().getFirst().host();
    BootstrapPeer known =
        new BootstrapPeer(Optional.of(first.id()), List.of(first.listenAddress()));
    KadRouterOptions options =
        new KadRouterOptions(
            Identity.generate(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "spegel",
            () -> List.of(known),
            false,
            false,
            _ -> {});
    try (KadRouter router = KadRouter.start(options)) {
      LocalNetwork.await("the router knows all", () -> router.connectedPeers() == NODES);
      double[] searched = lookedUp(router);
      double[] kept = lookedUp(router);
      result.report("lookup: through the router, p50", "ms", Result.quantile(searched, 0.5));
      result.report("lookup: through the router, p99", "ms", Result.quantile(searched, 0.99));
      result.atMost(0.2, "lookup: kept by the router, p50", "ms", Result.quantile(kept, 0.5));
      result.report("lookup: kept by the router, p99", "ms", Result.quantile(kept, 0.99));
    }
  }

  /** Milliseconds to the first provider of each key, by the router. */
  private static double[] lookedUp(KadRouter router) throws InterruptedException {
    double[] millis = new double[LOOKUPS];
    for (int i = 0; i < LOOKUPS; i++) {
      String key = NAME + i;
      long begin = System.nanoTime();
      try (Lookup lookup = router.lookup(key)) {
        var _ = lookup.next(Duration.ofSeconds(10)).orElseThrow();
        millis[i] = (System.nanoTime() - begin) / 1e6;
      }
    }
    return millis;
  }

  /** Milliseconds to the first provider of each key. */
  private static double[] found(KadNode seeker, List<byte[]> keys) throws Exception {
    double[] millis = new double[keys.size()];
    for (int i = 0; i < millis.length; i++) {
      CompletableFuture<Long> foundAt = new CompletableFuture<>();
      long begin = System.nanoTime();
      ProviderSearch search =
          seeker.findProviders(
              keys.get(i),
              _ -> foundAt.complete(System.nanoTime()),
              () -> foundAt.completeExceptionally(new IllegalStateException("nobody was found")));
      millis[i] = (foundAt.get(10, TimeUnit.SECONDS) - begin) / 1e6;
      search.cancel();
    }
    return millis;
  }

  /** Milliseconds to the end of searches that find nobody. */
  private static double[] missed(KadNode seeker, List<byte[]> keys) throws Exception {
    double[] millis = new double[keys.size()];
    for (int i = 0; i < millis.length; i++) {
      CompletableFuture<Long> endedAt = new CompletableFuture<>();
      long begin = System.nanoTime();
      seeker.findProviders(
          keys.get(i),
          _ -> endedAt.completeExceptionally(new IllegalStateException("somebody was found")),
          () -> endedAt.complete(System.nanoTime()));
      millis[i] = (endedAt.get(10, TimeUnit.SECONDS) - begin) / 1e6;
    }
    return millis;
  }
}
