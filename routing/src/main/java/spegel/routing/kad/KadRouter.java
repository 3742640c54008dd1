package spegel.routing.kad;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import spegel.kad.KadNode;
import spegel.kad.KadOptions;
import spegel.kad.KadPeer;
import spegel.kad.ProviderSearch;
import spegel.kad.libp2p.KadService;
import spegel.libp2p.PeerId;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.HostOptions;
import spegel.libp2p.host.PeerInfo;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;
import spegel.routing.Lookup;
import spegel.routing.Provider;
import spegel.routing.Router;

/**
 * A router in one network with all nodes of the cluster. On the wire a key is the SHA2-256 of its
 * text, and where a provider serves is the IP addresses of its announcement; at which port, the
 * cluster agrees on.
 */
public final class KadRouter implements Router {
  private static final String PROTOCOL_PREFIX = "/spegel";
  private static final int MAX_CACHED_SEARCHES = 4096;

  private static final Duration COMPANY_PATIENCE = Duration.ofSeconds(5);

  /** Providers that are being connected with to prove themselves, at a time. */
  private static final int MAX_PROOFS = 64;

  private final Host host;
  private final KadService kad;
  private final KadNode node;
  private final Bootstrap bootstrap;
  private final ResolveObserver observer;
  private final boolean provenOnly;
  private final Semaphore proofs = new Semaphore(MAX_PROOFS);
  private final SearchCache searches = new SearchCache(MAX_CACHED_SEARCHES, System::nanoTime);

  private KadRouter(Host host, KadRouterOptions options, Duration companyPatience) {
    this.host = host;
    this.kad = KadService.start(host, PROTOCOL_PREFIX, KadOptions.DEFAULT);
    this.node = kad.node();
    this.observer = options.observer();
    this.provenOnly = options.provenOnly();
    this.bootstrap =
        new Bootstrap(host, node, options.bootstrapper(), options.alone(), companyPatience);
  }

  /**
   * Listens, and begins to look for peers.
   *
   * @throws IOException when the address cannot be listened on; the message names it
   */
  public static KadRouter start(KadRouterOptions options) throws IOException {
    return start(options, COMPANY_PATIENCE);
  }

  /** The same, with another time that a node named alone waits for company until it is ready. */
  static KadRouter start(KadRouterOptions options, Duration companyPatience) throws IOException {
    Host host =
        Host.start(
            HostOptions.of(options.identity(), options.listen())
                .withAgentVersion(options.agentVersion()));
    KadRouter router = new KadRouter(host, options, companyPatience);
    router.bootstrap.start();
    return router;
  }

  /** This node's identity. */
  public PeerId id() {
    return host.id();
  }

  /** Where it listens, with the real port. */
  public InetSocketAddress listenAddress() {
    return host.listenAddress();
  }

  /** The addresses under which others find it. */
  public List<Multiaddr> addresses() {
    return host.addresses();
  }

  @Override
  public boolean ready() {
    return bootstrap.isReady();
  }

  @Override
  public void advertise(Collection<String> keys) {
    node.provide(keys.stream().map(KadRouter::recordKey).toList());
  }

  @Override
  public void withdraw(Collection<String> keys) {
    node.withdraw(keys.stream().map(KadRouter::recordKey).toList());
  }

  @Override
  public Lookup lookup(String key) {
    byte[] recordKey = recordKey(key);
    SearchCache.Entry entry = searches.find(key, () -> node.knowsProviderOf(recordKey));
    Search search = entry.search();
    Lookup lookup = search.lookup();
    if (entry.isNew()) {
      ProviderSearch running = search(recordKey, search);
      search.running(running::cancel);
    }
    return lookup;
  }

  private ProviderSearch search(byte[] recordKey, Search search) {
    if (!provenOnly) {
      return node.findProviders(
          recordKey,
          peer -> found(search, peer, reachable(peer.id(), peer.addresses())),
          search::end);
    }
    ProvenProviders providers =
        new ProvenProviders(
            host, proofs, (peer, addresses) -> found(search, peer, addresses), search::end);
    return node.findProviders(recordKey, providers::found, providers::end);
  }

  private void found(Search search, KadPeer peer, List<InetAddress> addresses) {
    if (!addresses.isEmpty()) {
      search.add(new Provider(peer.id().toString(), addresses)).ifPresent(observer::resolved);
    }
  }

  /** Where the peer has proved who it is comes first; the rest is its word. */
  private List<InetAddress> reachable(PeerId peer, List<Multiaddr> announced) {
    Set<InetAddress> announcedIps = new LinkedHashSet<>();
    for (Multiaddr address : announced) {
      address.tcpSocketAddress().map(InetSocketAddress::getAddress).ifPresent(announcedIps::add);
    }
    Set<InetAddress> ordered = new LinkedHashSet<>(host.provenAddresses(peer));
    ordered.retainAll(announcedIps);
    ordered.addAll(announcedIps);
    return List.copyOf(ordered);
  }

  /** The number of peers with a connection. */
  public int connectedPeers() {
    return host.peers().size();
  }

  /** The peers of the routing table, and those that are connected besides. */
  public List<RouterPeer> peers() {
    Map<PeerId, List<Multiaddr>> known = new LinkedHashMap<>();
    node.peers().forEach(peer -> known.put(peer.id(), peer.addresses()));
    for (PeerId peer : host.peers()) {
      known.computeIfAbsent(peer, _ -> host.info(peer).map(PeerInfo::addresses).orElse(List.of()));
    }
    List<RouterPeer> peers = new ArrayList<>();
    known.forEach(
        (peer, addresses) ->
            peers.add(
                new RouterPeer(
                    peer.toString(),
                    reachable(peer, addresses),
                    host.isConnected(peer),
                    host.info(peer).map(PeerInfo::agentVersion).orElse(""))));
    return peers;
  }

  private static byte[] recordKey(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_CHARS) {
      throw new IllegalArgumentException("a key of " + key.length() + " characters");
    }
    return Multihash.sha256(key.getBytes(StandardCharsets.UTF_8)).bytes();
  }

  @Override
  public void close() {
    bootstrap.close();
    kad.close();
    host.close();
  }
}
