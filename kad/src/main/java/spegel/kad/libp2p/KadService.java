package spegel.kad.libp2p;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import spegel.kad.KadNode;
import spegel.kad.KadOptions;
import spegel.kad.KadPeer;
import spegel.libp2p.PeerId;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.PeerInfo;
import spegel.libp2p.host.PeerListener;

/**
 * A host's part in the DHT: it serves the protocol, and its node hears of the peers that speak it.
 */
public final class KadService implements AutoCloseable {
  private static final String VERSION = "/kad/1.0.0";

  private final Host host;
  private final String protocol;
  private final NodeClock clock = new NodeClock();
  private final HostNetwork network;
  private final KadNode node;
  private final KadServer server;
  private final PeerListener listener = new Peers();
  private final AtomicBoolean closed = new AtomicBoolean();

  private KadService(Host host, String prefix, KadOptions options) {
    this.host = host;
    this.protocol = prefix + VERSION;
    PeerAddresses addresses = new PeerAddresses(host);
    this.network = new HostNetwork(host, protocol, addresses, clock);
    this.node = new KadNode(host.id(), options, network, clock, new SplittableRandom());
    this.server = new KadServer(node, addresses, network::heard);
  }

  /**
   * Joins the DHT whose protocol id is {@code prefix + "/kad/1.0.0"}. Peers that are connected
   * already are told.
   */
  public static KadService start(Host host, String prefix, KadOptions options) {
    KadService service = new KadService(host, prefix, options);
    service.start();
    return service;
  }

  private void start() {
    node.start();
    network.start();
    host.handle(protocol, server);
    host.listen(listener);
    for (PeerId peer : host.peers()) {
      host.info(peer).ifPresent(listener::identified);
    }
    host.pushIdentify();
  }

  /** The node; it stops with this service. */
  public KadNode node() {
    return node;
  }

  /** Leaves the DHT: streams are closed, requests under way fail. The host goes on. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      host.stopHandling(protocol);
      host.stopListening(listener);
      host.pushIdentify();
      node.stop();
      server.close();
      network.close();
      clock.close();
    }
  }

  private final class Peers implements PeerListener {
    @Override
    public void identified(PeerInfo peer) {
      network.heard(peer.peer());
      if (peer.protocols().contains(protocol)) {
        node.connected(new KadPeer(peer.peer(), peer.addresses()));
      } else {
        node.departed(peer.peer());
      }
    }

    @Override
    public void disconnected(PeerId peer) {
      network.disconnected(peer);
      node.disconnected(peer);
    }
  }
}
