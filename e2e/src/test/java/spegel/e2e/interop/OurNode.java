package spegel.e2e.interop;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import spegel.e2e.harness.Await;
import spegel.kad.KadOptions;
import spegel.kad.KadPeer;
import spegel.kad.ProviderSearch;
import spegel.kad.libp2p.KadService;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;

/** A host of ours that is a node of the DHT. */
final class OurNode implements MixedNetwork.Node, AutoCloseable {
  private static final Duration SEARCH_WITHIN = Duration.ofSeconds(10);
  private static final Duration JOIN_WITHIN = Duration.ofSeconds(10);

  private final OurHost host;
  private final KadService service;

  private OurNode(OurHost host) {
    this.host = host;
    this.service = KadService.start(host.host(), "/spegel", KadOptions.DEFAULT);
  }

  static OurNode start() {
    return new OurNode(OurHost.start());
  }

  static OurNode start(Identity identity, int port) {
    return new OurNode(OurHost.start(identity, port, UnaryOperator.identity()));
  }

  OurHost host() {
    return host;
  }

  @Override
  public PeerId id() {
    return host.id();
  }

  @Override
  public List<Multiaddr> addresses() {
    return host.host().addresses();
  }

  /** Connects to the peer, and waits until it is in the routing table. */
  @Override
  public void bootstrap(PeerId peer, List<Multiaddr> to) {
    host.connect(peer, to);
    Await.until("the peer is in our table", JOIN_WITHIN, () -> table().contains(peer));
  }

  /** The peers in the routing table. */
  @Override
  public List<PeerId> table() {
    return service.node().peers().stream().map(KadPeer::id).toList();
  }

  /** Announces the keys from now on, in the background. */
  @Override
  public void provide(List<String> keys) {
    service.node().provide(keys.stream().map(OurNode::recordKey).toList());
  }

  void withdraw(List<String> keys) {
    service.node().withdraw(keys.stream().map(OurNode::recordKey).toList());
  }

  /** Whether a provider of the key has told this node itself. */
  boolean knowsProviderOf(String key) {
    return service.node().knowsProviderOf(recordKey(key));
  }

  /** The first provider of the key that a search finds; empty when it finds none. */
  @Override
  public Optional<KadPeer> find(String key) {
    CompletableFuture<Optional<KadPeer>> first = new CompletableFuture<>();
    ProviderSearch search =
        service
            .node()
            .findProviders(
                recordKey(key),
                peer -> first.complete(Optional.of(peer)),
                () -> first.complete(Optional.empty()));
    try {
      return first.get(SEARCH_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a search without an end, for " + key, e);
    } finally {
      search.cancel();
    }
  }

  private static byte[] recordKey(String text) {
    return Multihash.sha256(text.getBytes(StandardCharsets.UTF_8)).bytes();
  }

  @Override
  public String toString() {
    return "java " + id();
  }

  @Override
  public void close() {
    service.close();
    host.close();
  }
}
