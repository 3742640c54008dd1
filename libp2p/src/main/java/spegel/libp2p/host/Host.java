package spegel.libp2p.host;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.StreamHandler;
import spegel.libp2p.identify.IdentifyMessage;
import spegel.libp2p.multistream.Multistream;
import spegel.libp2p.ping.Ping;
import spegel.libp2p.yamux.ReceiveBudget;
import spegel.libp2p.yamux.YamuxStream;
import spegel.multiformats.Multiaddr;

/**
 * A libp2p host: one identity, one listening address, and the connections with its peers. Every
 * peer is asked by identify as soon as it is connected, and listeners hear the answer. Safe for use
 * by many threads.
 */
public final class Host implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Host.class);

  private static final int BACKLOG = 256;
  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);
  private static final Duration NEGOTIATION_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration IDENTIFY_TIMEOUT = Duration.ofSeconds(10);

  private final HostOptions options;
  private final ServerSocket server;
  private final Thread acceptor =
      Thread.ofVirtual().name("libp2p-accept").unstarted(this::acceptLoop);
  private final Upgrade upgrade;
  private final Dialer dialer;
  private final PeerDialer peerDialer;
  private final LocalAddresses localAddresses = new LocalAddresses();
  private final ConnectionTable connections;
  private final HandshakeSlots handshakes;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();
  private final List<PeerListener> listeners = new CopyOnWriteArrayList<>();
  private final Map<PeerId, PeerInfo> identified = new ConcurrentHashMap<>();

  /** Peers that are being sent news, and whether there is more by now. */
  private final Map<PeerId, Boolean> pushing = new ConcurrentHashMap<>();

  /** How many pushes of a peer are arriving: one on each connection, when it keeps the rules. */
  private final Map<PeerId, Integer> arrivingPushes = new ConcurrentHashMap<>();

  private final AtomicBoolean closed = new AtomicBoolean();
  private final ReceiveBudget undelivered;

  private Host(HostOptions options, ServerSocket server) {
    this.options = options;
    this.server = server;
    this.undelivered = ReceiveBudget.of(options.maxUndeliveredBytes());
    InboundStreams streams =
        new InboundStreams(options.maxInboundStreams(), options.maxSharedStreams());
    this.upgrade =
        new Upgrade(
            options.identity(),
            options.maxInboundStreams(),
            undelivered,
            peer -> acceptor(peer, streams.ofConnection()));
    this.dialer = new Dialer(upgrade, options.dialTimeout(), options.maxDials());
    this.peerDialer = new PeerDialer(dialer, InstantSource.system(), this::admit);
    this.connections =
        new ConnectionTable(options.maxConnections(), options.maxConnectionsPerNetwork());
    this.handshakes = new HandshakeSlots(options.maxHandshakes());
    handlers.put(Ping.PROTOCOL, Ping::serve);
    handlers.put(IdentifyMessage.PROTOCOL, this::identify);
    handlers.put(IdentifyMessage.PUSH_PROTOCOL, this::acceptPush);
  }

  /**
   * Begins to listen.
   *
   * @throws IOException when the address cannot be listened on; the message names it
   */
  public static Host start(HostOptions options) throws IOException {
    ServerSocket server = new ServerSocket();
    try {
      server.setReuseAddress(true);
      server.bind(options.listen(), BACKLOG);
    } catch (IOException e) {
      server.close();
      throw new IOException(
          "libp2p: cannot listen on " + options.listen() + ": " + e.getMessage(), e);
    }
    Host host = new Host(options, server);
    host.acceptor.start();
    return host;
  }

  /** This host's id. */
  public PeerId id() {
    return options.identity().peerId();
  }

  /** The address it listens on, with the real port. */
  public InetSocketAddress listenAddress() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /**
   * The addresses under which peers may reach this host: the listening address, or those of all
   * interfaces when it is a wildcard, loopback and link-local ones left out then.
   */
  public List<Multiaddr> addresses() {
    InetSocketAddress listen = listenAddress();
    if (!listen.getAddress().isAnyLocalAddress()) {
      return List.of(Multiaddr.tcp(listen));
    }
    return localAddresses.reachable().stream()
        .map(address -> Multiaddr.tcp(new InetSocketAddress(address, listen.getPort())))
        .toList();
  }

  /** Speaks the protocol on streams that peers open, from now on. */
  public void handle(String protocol, StreamHandler handler) {
    handlers.put(protocol, handler);
  }

  /** No longer speaks the protocol; streams that are open go on. */
  public void stopHandling(String protocol) {
    handlers.remove(protocol);
  }

  /** Tells the listener of peers, from now on. */
  public void listen(PeerListener listener) {
    listeners.add(listener);
  }

  /** Tells the listener no more. */
  public void stopListening(PeerListener listener) {
    listeners.remove(listener);
  }

  /**
   * Those of the addresses that a stranger announces at which it may be dialled from here: plain
   * TCP, at most {@value DialableAddresses#MAX_ADDRESSES}, and neither unspecified, multicast,
   * link-local, this host's own, nor loopback, unless this host listens there itself.
   */
  public List<Multiaddr> dialable(List<Multiaddr> announced) {
    return DialableAddresses.filter(this, announced);
  }

  /** Peers that are connected. */
  public List<PeerId> peers() {
    return connections.peers();
  }

  /** Bytes that have arrived and wait for whoever reads their streams, on all connections. */
  public long undeliveredBytes() {
    return undelivered.heldBytes();
  }

  /** What a connected peer has said of itself; empty before it has. */
  public Optional<PeerInfo> info(PeerId peer) {
    return Optional.ofNullable(identified.get(peer));
  }

  /** The IP addresses at which the peer has proved its id, of its connections now. */
  public List<InetAddress> provenAddresses(PeerId peer) {
    return connections.with(peer).stream()
        .map(connection -> connection.remoteAddress().getAddress())
        .distinct()
        .toList();
  }

  /** Whether there is a connection with the peer. */
  public boolean isConnected(PeerId peer) {
    return connections.find(peer).isPresent();
  }

  /**
   * Connects to a peer, unless that is done already; concurrent calls share one dial.
   *
   * @throws IOException when it cannot be reached, is left alone after failures, or proves another
   *     id
   */
  public void connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
    if (isConnected(peer)) {
      return;
    }
    try {
      peerDialer.dial(peer, DialableAddresses.of(this, addresses));
    } catch (IOException e) {
      if (!isConnected(peer)) {
        throw e;
      }
    }
  }

  /**
   * Connects to whoever answers at the address.
   *
   * @return the id it has proved
   * @throws IOException when nobody answers, or not as libp2p
   */
  public PeerId connect(InetSocketAddress address) throws IOException {
    return connect(List.of(address), Optional.empty());
  }

  /**
   * Connects to the first that answers, whatever failed before: these addresses come from a source
   * that is trusted to name peers.
   *
   * @param expected the id it must prove; empty when any will do
   * @return the id it has proved
   * @throws IOException when nobody answers, not as libp2p, or not as expected
   */
  public PeerId connect(List<InetSocketAddress> addresses, Optional<PeerId> expected)
      throws IOException {
    return admit(dialer.dial(addresses, expected.orElse(null))).peer();
  }

  /**
   * Opens a stream on a connection with the peer. The protocol is proposed with the first bytes
   * written; a peer that does not speak it shows by the first read, which throws.
   *
   * @throws IOException when there is no connection, or it takes no more streams
   */
  public Stream open(PeerId peer, String protocol) throws IOException {
    Connection connection =
        connections.find(peer).orElseThrow(() -> new Libp2pException("not connected to " + peer));
    return NegotiatedStream.proposing(connection.open(), peer, protocol);
  }

  /** Sends what this host says of itself to all peers that take such news, in the background. */
  public void pushIdentify() {
    for (PeerId peer : connections.peers()) {
      PeerInfo info = identified.get(peer);
      if (info != null && info.protocols().contains(IdentifyMessage.PUSH_PROTOCOL)) {
        pushInTurn(peer);
      }
    }
  }

  /** One after the other: of two pushes side by side, the older could be heard last. */
  private void pushInTurn(PeerId peer) {
    if (pushing.put(peer, true) == null) {
      Thread.ofVirtual()
          .name("libp2p-push")
          .start(
              () -> {
                do {
                  while (pushing.replace(peer, true, false)) {
                    push(peer);
                  }
                } while (!pushing.remove(peer, false));
              });
    }
  }

  private void acceptLoop() {
    while (!closed.get()) {
      try {
        Socket socket = server.accept();
        handshakes
            .enter(socket, RemoteNetwork.of(socket.getInetAddress()))
            .ifPresent(Upgrade::closeQuietly);
        Thread.ofVirtual().name("libp2p-inbound").start(() -> handshake(socket));
      } catch (IOException e) {
        if (!closed.get()) {
          log.atWarn().addKeyValue("err", e.getMessage()).log("accepting a connection failed");
          // Without a descriptor left, the next one would fail at once, too.
          LockSupport.parkNanos(ACCEPT_PAUSE.toNanos());
        }
      }
    }
  }

  private void handshake(Socket socket) {
    Connection connection;
    Thread guard = closeLater(socket, options.handshakeTimeout());
    try {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      connection = upgrade.inbound(socket);
    } catch (IOException e) {
      // Scanners, dialers that only wanted to learn the id, and peers that restart: all of it is
      // normal.
      log.debug("inbound connection from {}: {}", socket.getRemoteSocketAddress(), e.getMessage());
      Upgrade.closeQuietly(socket);
      return;
    } finally {
      guard.interrupt();
      handshakes.leave(socket);
    }
    try {
      admit(connection);
    } catch (IOException e) {
      log.debug("inbound connection {}: {}", connection, e.getMessage());
    }
  }

  private static Thread closeLater(Socket socket, Duration timeout) {
    return Thread.ofVirtual()
        .name("libp2p-handshake-guard")
        .start(
            () -> {
              try {
                Thread.sleep(timeout);
                Upgrade.closeQuietly(socket);
              } catch (InterruptedException e) {
                // The handshake has ended in time.
              }
            });
  }

  /** Puts a fresh connection into service, or closes it when there is no room. */
  private Connection admit(Connection connection) throws IOException {
    ConnectionTable.Added added = connections.add(connection);
    if (!added.accepted() || closed.get()) {
      connection.close();
      if (added.accepted()) {
        connections.remove(connection);
      }
      throw new Libp2pException("no room for another connection with " + connection.peer());
    }
    peerDialer.connected(connection.peer());
    added.displaced().ifPresent(this::displace);
    Thread.ofVirtual().name("libp2p-connection").start(() -> run(connection));
    if (added.first()) {
      Thread.ofVirtual().name("libp2p-identify").start(() -> askIdentify(connection));
    }
    return connection;
  }

  private void displace(Connection connection) {
    connection.close();
    if (!isConnected(connection.peer())) {
      left(connection.peer());
    }
  }

  private void run(Connection connection) {
    String reason = connection.run();
    log.debug("connection {} ended: {}", connection, reason);
    if (connections.remove(connection)) {
      left(connection.peer());
    }
  }

  private void left(PeerId peer) {
    identified.remove(peer);
    listeners.forEach(listener -> listener.disconnected(peer));
  }

  // Inbound streams.

  private Consumer<YamuxStream> acceptor(PeerId peer, InboundStreams.OfConnection streams) {
    return stream -> streams.serve(stream, () -> negotiateAndHandle(peer, stream));
  }

  private void negotiateAndHandle(PeerId peer, YamuxStream stream) {
    try {
      stream.deadline(NEGOTIATION_TIMEOUT);
      Optional<String> protocol =
          Multistream.accept(stream.input(), stream.output(), handlers::containsKey);
      StreamHandler handler = protocol.map(handlers::get).orElse(null);
      if (handler == null) {
        stream.close();
        return;
      }
      NegotiatedStream negotiated = NegotiatedStream.accepted(stream, peer, protocol.orElseThrow());
      handler.handle(negotiated);
      negotiated.close();
    } catch (IOException e) {
      log.debug("stream from {}: {}", peer, e.getMessage());
      stream.reset();
    } catch (RuntimeException e) {
      log.atError().setCause(e).addKeyValue("peer", peer).log("a protocol's handler failed");
      stream.reset();
    }
  }

  // Identify.

  private IdentifyMessage ownIdentify(@Nullable InetSocketAddress observed) {
    return new IdentifyMessage(
        options.identity().publicKey(),
        addresses(),
        List.copyOf(new TreeMap<>(handlers).keySet()),
        observed == null ? null : Multiaddr.tcp(observed),
        options.agentVersion());
  }

  private void identify(Stream stream) throws IOException {
    InetSocketAddress observed =
        connections.find(stream.peer()).map(Connection::remoteAddress).orElse(null);
    ownIdentify(observed).writeTo(stream.output());
  }

  private void acceptPush(Stream stream) throws IOException {
    PeerId peer = stream.peer();
    try {
      if (arrivingPushes.merge(peer, 1, Integer::sum) > ConnectionTable.MAX_PER_PEER) {
        throw new Libp2pException("identify: too many pushes of one peer at once");
      }
      stream.deadline(IDENTIFY_TIMEOUT);
      learn(peer, IdentifyMessage.readFrom(stream.input()));
    } finally {
      arrivingPushes.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private void push(PeerId peer) {
    try (Stream stream = open(peer, IdentifyMessage.PUSH_PROTOCOL)) {
      stream.deadline(IDENTIFY_TIMEOUT);
      ownIdentify(null).writeTo(stream.output());
      stream.output().close();
      // The peer ends its side when it has taken the news in.
      var _ = stream.input().read();
    } catch (IOException e) {
      log.debug("pushing identify to {}: {}", peer, e.getMessage());
    }
  }

  private void askIdentify(Connection connection) {
    if (!identifies(connection)) {
      // Both may have dialled at once, and one connection be gone again.
      connections
          .find(connection.peer())
          .filter(next -> !next.equals(connection))
          .ifPresent(this::identifies);
    }
  }

  /** Asks the peer who it is; gives whether it said so. */
  private boolean identifies(Connection connection) {
    PeerId peer = connection.peer();
    try (Stream stream =
        NegotiatedStream.proposing(connection.open(), peer, IdentifyMessage.PROTOCOL)) {
      stream.deadline(IDENTIFY_TIMEOUT);
      learn(peer, IdentifyMessage.readFrom(stream.input()));
      return true;
    } catch (IOException e) {
      log.debug("{} did not identify itself: {}", peer, e.getMessage());
      return false;
    }
  }

  private void learn(PeerId peer, IdentifyMessage message) throws IOException {
    if (message.publicKey() != null && !message.publicKey().peerId().equals(peer)) {
      throw new Libp2pException("identify: the key is not that of the peer who sent it");
    }
    PeerInfo info =
        new PeerInfo(
            peer,
            DialableAddresses.filter(this, message.listenAddresses()),
            message.protocols(),
            message.agentVersion());
    identified.put(peer, info);
    if (isConnected(peer)) {
      listeners.forEach(listener -> listener.identified(info));
    } else {
      identified.remove(peer);
    }
  }

  /** Whether the address is one that this host listens on itself. */
  public boolean isOwn(InetSocketAddress address) {
    if (address.getPort() != listenAddress().getPort()) {
      return false;
    }
    InetAddress listen = listenAddress().getAddress();
    if (!listen.isAnyLocalAddress()) {
      return listen.equals(address.getAddress());
    }
    return localAddresses.contains(address.getAddress());
  }

  /** Whether this host listens on loopback, so that peers there may be dialled. */
  boolean isOnLoopback() {
    return listenAddress().getAddress().isLoopbackAddress();
  }

  /** Link-local addresses carry a scope that does not cross the wire. */
  static boolean isUsable(InetAddress address) {
    return !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && !address.isLinkLocalAddress()
        && !(address instanceof Inet6Address v6 && v6.isIPv4CompatibleAddress());
  }

  /** Stops listening and closes every connection; peers are told. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        server.close();
      } catch (IOException e) {
        log.atWarn().addKeyValue("err", e.getMessage()).log("closing the listener failed");
      }
      List<Thread> closing = new ArrayList<>();
      // The address is free again only when nobody waits at the closed listener any more.
      closing.add(acceptor);
      for (Connection connection : connections.all()) {
        closing.add(Thread.ofVirtual().start(connection::close));
      }
      for (Thread thread : closing) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
