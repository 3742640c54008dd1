package spegel.routing.kad;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.kad.KadNode;
import spegel.libp2p.PeerId;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.PeerInfo;
import spegel.libp2p.host.PeerListener;
import spegel.multiformats.Multiaddr;
import spegel.routing.bootstrap.BootstrapPeer;
import spegel.routing.bootstrap.Bootstrapper;

/**
 * Sees to it that the node has peers: asks the bootstrapper until the routing table has somebody in
 * it, again when the last connection is lost, and every half hour, so that parts of a cluster that
 * were cut off from each other meet again.
 */
final class Bootstrap implements PeerListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bootstrap.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(10);
  private static final Duration PERIOD = Duration.ofMinutes(30);

  /** What a fresh connection has to tell that its peer is of this network. */
  private static final Duration IDENTIFY_PATIENCE = Duration.ofSeconds(1);

  private final Host host;
  private final KadNode node;
  private final Bootstrapper bootstrapper;
  private final boolean alone;
  private final Duration companyPatience;
  private final long startNanos = System.nanoTime();
  private final Thread worker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition peersChanged = lock.newCondition();

  /** What the bootstrapper named when it last answered. */
  private volatile boolean namedOnlySelf;

  /**
   * @param alone whether the node is ready without peers
   * @param companyPatience how long a node that is named alone waits for company before it counts
   *     as ready
   */
  Bootstrap(
      Host host, KadNode node, Bootstrapper bootstrapper, boolean alone, Duration companyPatience) {
    this.host = host;
    this.node = node;
    this.bootstrapper = bootstrapper;
    this.alone = alone;
    this.companyPatience = companyPatience;
    this.worker = Thread.ofVirtual().name("bootstrap").unstarted(this::run);
  }

  void start() {
    host.listen(this);
    worker.start();
  }

  boolean isReady() {
    if (isConnected() || alone) {
      return true;
    }
    return namedOnlySelf && System.nanoTime() - startNanos >= companyPatience.toNanos();
  }

  private boolean isConnected() {
    return node.peerCount() > 0 && !host.peers().isEmpty();
  }

  private void run() {
    try {
      while (true) {
        join();
        awaitLossOrPeriod();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /** Asks until the node is connected, ever more seldom. */
  private void join() throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    long begunNanos = System.nanoTime();
    boolean wasConnected = isConnected();
    while (true) {
      String trouble = attempt();
      if (awaitConnected(trouble.isEmpty() ? IDENTIFY_PATIENCE : Duration.ZERO)) {
        break;
      }
      if (alone || namedOnlySelf) {
        pause = MAX_PAUSE;
      } else {
        log.atWarn()
            .addKeyValue("bootstrap", bootstrapper)
            .addKeyValue("err", trouble.isEmpty() ? "no peer of this network answered" : trouble)
            .addKeyValue("retry", pause)
            .log("no peer yet: images of other nodes are not found");
      }
      awaitConnected(jittered(pause));
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : doubled;
    }
    if (!wasConnected) {
      log.atInfo()
          .addKeyValue("peers", node.peerCount())
          .addKeyValue("duration", Duration.ofNanos(System.nanoTime() - begunNanos))
          .log("connected to the cluster");
    }
  }

  /** Thousands of nodes may begin at once. */
  private static Duration jittered(Duration pause) {
    long millis = pause.toMillis();
    return Duration.ofMillis(millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1));
  }

  /** Dials whom the bootstrapper names; gives what went wrong, empty when something went right. */
  private String attempt() {
    List<BootstrapPeer> peers;
    try {
      peers = bootstrapper.peers();
    } catch (IOException e) {
      namedOnlySelf = false;
      return String.valueOf(e.getMessage());
    }
    List<BootstrapPeer> others = peers.stream().filter(peer -> !isSelf(peer)).toList();
    namedOnlySelf = others.isEmpty();
    String trouble = others.isEmpty() ? "it names nobody but this node" : "";
    boolean reached = false;
    for (BootstrapPeer peer : others) {
      try {
        reach(peer);
        reached = true;
      } catch (IOException e) {
        trouble = String.valueOf(e.getMessage());
      }
    }
    return reached ? "" : trouble;
  }

  private boolean isSelf(BootstrapPeer peer) {
    return peer.id().map(host.id()::equals).orElse(false)
        || peer.addresses().stream().anyMatch(host::isOwn);
  }

  private void reach(BootstrapPeer peer) throws IOException {
    boolean connected =
        peer.id().map(host::isConnected).orElseGet(() -> isConnectedTo(peer.addresses()));
    if (connected) {
      return;
    }
    PeerId reached = host.connect(peer.addresses(), peer.id());
    log.debug("bootstrap: connected to {} at {}", reached, peer.addresses());
  }

  private boolean isConnectedTo(List<InetSocketAddress> addresses) {
    List<Multiaddr> wanted = addresses.stream().map(Multiaddr::tcp).toList();
    return host.peers().stream()
        .flatMap(peer -> host.info(peer).map(PeerInfo::addresses).orElse(List.of()).stream())
        .anyMatch(wanted::contains);
  }

  private boolean awaitConnected(Duration timeout) throws InterruptedException {
    return awaitChange(timeout, true);
  }

  private void awaitLossOrPeriod() throws InterruptedException {
    awaitChange(PERIOD, false);
  }

  /** Waits until being connected is as wanted; gives whether it is. */
  private boolean awaitChange(Duration timeout, boolean wanted) throws InterruptedException {
    long leftNanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (isConnected() != wanted && leftNanos > 0) {
        // The listener may hear of a peer before the routing table does: look again soon.
        long sliceNanos = Math.min(leftNanos, TimeUnit.MILLISECONDS.toNanos(wanted ? 20 : 5_000));
        leftNanos -= sliceNanos - Math.max(0, peersChanged.awaitNanos(sliceNanos));
      }
      return isConnected() == wanted;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void identified(PeerInfo peer) {
    signal();
  }

  @Override
  public void disconnected(PeerId peer) {
    signal();
  }

  private void signal() {
    lock.lock();
    try {
      peersChanged.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    worker.interrupt();
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
