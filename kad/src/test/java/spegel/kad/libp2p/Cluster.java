package spegel.kad.libp2p;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import spegel.kad.KadOptions;
import spegel.kad.KadPeer;
import spegel.kad.ProviderSearch;
import spegel.libp2p.Identity;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.HostOptions;
import spegel.multiformats.Multihash;

/** Nodes in this process, at 127.0.0.1 and on, connected with each other over real sockets. */
final class Cluster implements AutoCloseable {
  static final String PREFIX = "/spegel";
  private static final Duration MAX_WAIT = Duration.ofSeconds(20);

  private final List<Node> nodes = new ArrayList<>();

  /** A host and its part in the DHT. */
  record Node(Identity identity, Host host, KadService kad) implements AutoCloseable {
    @Override
    public void close() {
      kad.close();
      host.close();
    }
  }

  /** A cluster whose nodes know all the others, or as many as their tables hold. */
  static Cluster of(int size) throws IOException {
    Cluster cluster = new Cluster();
    for (int i = 0; i < size; i++) {
      cluster.join(Identity.generate());
    }
    cluster.awaitAcquaintance(size - 1);
    return cluster;
  }

  List<Node> nodes() {
    return nodes;
  }

  Node node(int index) {
    return nodes.get(index);
  }

  void awaitAcquaintance(int peers) {
    await("all know " + peers + " peers", () -> minPeers() >= peers);
  }

  private int minPeers() {
    return nodes.stream().mapToInt(node -> node.kad.node().peerCount()).min().orElse(0);
  }

  static Host host(Identity identity, String address, int port) throws IOException {
    InetAddress ip = InetAddress.getByName(address);
    return Host.start(HostOptions.of(identity, new InetSocketAddress(ip, port)));
  }

  /** Ends a node, as a process ends: its peers see its connections close. */
  void leave(Node node) {
    nodes.remove(node);
    node.close();
  }

  /** A new node, which gets to know the first one. */
  Node join(Identity identity) throws IOException {
    return join(identity, host(identity, "127.0.0." + (nodes.size() + 1), 0));
  }

  Node join(Identity identity, Host host) throws IOException {
    Node node = new Node(identity, host, KadService.start(host, PREFIX, KadOptions.DEFAULT));
    if (!nodes.isEmpty()) {
      Host first = nodes.getFirst().host;
      host.connect(first.id(), first.addresses());
    }
    nodes.add(node);
    return node;
  }

  static Multihash hash(String name) {
    return Multihash.sha256(name.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] key(String name) {
    return hash(name).bytes();
  }

  /**
   * The first provider that the node finds, within the time; a search that finds nobody is begun
   * anew, as it may have been ahead of the announcement.
   */
  static Optional<KadPeer> find(Node seeker, byte[] key, Duration timeout) throws Exception {
    long deadline = System.nanoTime() + timeout.toNanos();
    Optional<KadPeer> found = Optional.empty();
    while (found.isEmpty() && System.nanoTime() < deadline) {
      found = search(seeker, key, Duration.ofNanos(deadline - System.nanoTime()));
    }
    return found;
  }

  /** The first provider that one search finds, within the time. */
  static Optional<KadPeer> search(Node seeker, byte[] key, Duration timeout) throws Exception {
    CompletableFuture<Optional<KadPeer>> first = new CompletableFuture<>();
    ProviderSearch search =
        seeker
            .kad
            .node()
            .findProviders(
                key,
                provider -> first.complete(Optional.of(provider)),
                () -> first.complete(Optional.empty()));
    try {
      return first.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return Optional.empty();
    } finally {
      search.cancel();
    }
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + MAX_WAIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + MAX_WAIT.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  public void close() {
    nodes.forEach(Node::close);
  }
}
