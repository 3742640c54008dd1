package spegel.e2e.interop;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Together;
import spegel.kad.KadPeer;
import spegel.libp2p.PeerId;

/** Searches of many nodes at once, and how long the slowest took. */
final class Finding {
  private final Duration atMost;
  private final AtomicLong slowestNanos = new AtomicLong();

  /** Fails when a node has not found a provider after the time given. */
  Finding(Duration atMost) {
    this.atMost = atMost;
  }

  /** The longest that any search took until it found, over all calls. */
  Duration slowest() {
    return Duration.ofNanos(slowestNanos.get());
  }

  /** Each node finds the provider, searching again and again from now on. */
  void byAll(List<MixedNetwork.Node> nodes, String key, PeerId provider) {
    long begin = System.nanoTime();
    Together.times(
        nodes.size(),
        i -> {
          MixedNetwork.Node node = nodes.get(i);
          KadPeer found =
              Await.value(
                  "%s finds %s".formatted(node, key), atMost, () -> find(node, key, provider));
          slowestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
          if (found.addresses().isEmpty()) {
            throw new AssertionError("a provider without addresses, found by " + node);
          }
        });
  }

  private static Optional<KadPeer> find(MixedNetwork.Node node, String key, PeerId provider) {
    return node.find(key).filter(found -> found.id().equals(provider));
  }
}
