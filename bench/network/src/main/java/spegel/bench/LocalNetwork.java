package spegel.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import spegel.kad.KadNode;
import spegel.kad.KadOptions;
import spegel.kad.libp2p.KadService;
import spegel.libp2p.Identity;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.HostOptions;
import spegel.multiformats.Multihash;

/** Nodes of the DHT in this process, each at a loopback address of its own. */
final class LocalNetwork implements AutoCloseable {
  private static final String PREFIX = "/spegel";
  private static final Duration MAX_WAIT = Duration.ofSeconds(60);

  private final KadOptions options;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Host> frozen = new ArrayList<>();

  /** A host and its part in the DHT. */
  record Node(Host host, KadService service) {
    KadNode kad() {
      return service.node();
    }
  }

  LocalNetwork(KadOptions options) {
    this.options = options;
  }

  List<Node> nodes() {
    return nodes;
  }

  /** Starts a node, which gets to know one that is there. */
  Node join() throws IOException {
    Host host = listen(nodes.size());
    Node node = new Node(host, KadService.start(host, PREFIX, options));
    if (!nodes.isEmpty()) {
      Host first = nodes.getFirst().host;
      host.connect(first.id(), first.addresses());
    }
    nodes.add(node);
    return node;
  }

  private static Host listen(int index) throws IOException {
    byte[] ip = {127, 0, (byte) (1 + index / 250), (byte) (1 + index % 250)};
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(ip), 0);
    return Host.start(HostOptions.of(Identity.generate(), address));
  }

  /** Starts so many nodes, and waits until each knows all others. */
  void join(int count) throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      join();
    }
    await(
        "all know each other",
        () -> nodes.stream().allMatch(node -> node.kad().peerCount() >= nodes.size() - 1));
  }

  /** Starts hosts that claim to be nodes, and answer no request; the node gets to know them. */
  void joinFrozen(int count, Node acquaintance) throws IOException, InterruptedException {
    int known = acquaintance.kad().peerCount();
    for (int i = 0; i < count; i++) {
      Host host = listen(nodes.size() + frozen.size());
      frozen.add(host);
      host.handle(
          PREFIX + "/kad/1.0.0",
          stream -> stream.input().transferTo(OutputStream.nullOutputStream()));
      host.connect(acquaintance.host.id(), acquaintance.host.addresses());
    }
    await("the frozen are known", () -> acquaintance.kad().peerCount() == known + count);
  }

  /** So many keys, as images have them; the same ones for the same name. */
  static List<byte[]> keys(String name, int count) {
    List<byte[]> keys = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      keys.add(Multihash.sha256((name + i).getBytes(StandardCharsets.UTF_8)).bytes());
    }
    return keys;
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + MAX_WAIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not within " + MAX_WAIT.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    for (Node node : nodes) {
      node.service.close();
      node.host.close();
    }
    frozen.forEach(Host::close);
  }
}
