package spegel.e2e.interop;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import spegel.e2e.harness.Json;
import spegel.kad.KadPeer;
import spegel.libp2p.PeerId;
import spegel.libp2p.host.Host;
import spegel.multiformats.Multiaddr;

/** A host of another implementation, and what it can be told to do. */
final class ForeignHost implements MixedNetwork.Node {
  private static final Duration TRANSFER_WITHIN = Duration.ofSeconds(60);

  private final PeerProcess process;
  private final long number;
  private final PeerId id;
  private final List<Multiaddr> addresses;

  private ForeignHost(PeerProcess process, long number, PeerId id, List<Multiaddr> addresses) {
    this.process = process;
    this.number = number;
    this.id = id;
    this.addresses = List.copyOf(addresses);
  }

  static ForeignHost of(PeerProcess process, Map<?, ?> started) {
    return new ForeignHost(
        process,
        Json.number(started, "host"),
        PeerId.parse(Json.text(started, "peer")),
        Json.texts(started.get("addrs")).stream().map(Multiaddr::parse).toList());
  }

  @Override
  public PeerId id() {
    return id;
  }

  @Override
  public List<Multiaddr> addresses() {
    return addresses;
  }

  /**
   * A connection as the host sees it.
   *
   * @param early whether the multiplexer was agreed on within the handshake
   */
  record Connection(
      String remote, boolean inbound, String security, String muxer, boolean early, long streams) {
    private static Connection of(Map<?, ?> fields) {
      return new Connection(
          Json.text(fields, "remote"),
          Json.flag(fields, "inbound"),
          Json.text(fields, "security"),
          Json.text(fields, "muxer"),
          Json.flag(fields, "early"),
          Json.number(fields, "streams"));
    }
  }

  /** What a peer has said to the host of itself. */
  record Said(
      List<String> protocols,
      String agent,
      String protocolVersion,
      List<String> addresses,
      String observed,
      boolean keyMatches) {}

  /** A provider, and how long after the beginning of the search it was found. */
  record Found(PeerId peer, List<Multiaddr> addresses, double millis) {}

  /** Stops the host; its process goes on. */
  void stop() {
    call("stop", Map.of());
  }

  /** Connects to our host, and returns when that has identified itself. */
  void connect(Host host) {
    connect(host.id(), host.addresses());
  }

  void connect(PeerId peer, List<Multiaddr> to) {
    call("connect", Map.of("peer", peer.toString(), "addrs", texts(to)));
  }

  /** Dials the addresses with an id that nobody has; gives the id that answers. */
  PeerId learn(List<Multiaddr> to) {
    return PeerId.parse(Json.text(Json.object(call("learn", Map.of("addrs", texts(to)))), "peer"));
  }

  void disconnect(PeerId peer) {
    call("disconnect", of(peer));
  }

  /** The connections with the peer. */
  List<Connection> connections(PeerId peer) {
    return Json.objects(call("connections", of(peer))).stream().map(Connection::of).toList();
  }

  /** The number of connections, with whomever. */
  int connectionCount() {
    return Json.objects(call("connections", Map.of())).size();
  }

  /** Has the connection manager close what is above its low mark. */
  void trim() {
    call("trim", Map.of());
  }

  /** Asks the peer by identify. */
  Said identify(PeerId peer) {
    Map<?, ?> said = Json.object(call("identify", of(peer)));
    return new Said(
        Json.texts(said.get("protocols")),
        Json.text(said, "agent"),
        Json.text(said, "protocolVersion"),
        Json.texts(said.get("addrs")),
        Json.text(said, "observed"),
        Json.flag(said, "keyMatches"));
  }

  /** The protocols that the host believes the peer to speak, by identify and by pushes. */
  List<String> knownProtocols(PeerId peer) {
    return Json.texts(Json.object(call("known", of(peer))).get("protocols"));
  }

  /** Serves one protocol more from now on. */
  void handle(String protocol) {
    call("handle", Map.of("protocol", protocol));
  }

  /** Round trips in milliseconds. */
  List<Double> ping(PeerId peer, int count) {
    return Json.numbers(call("ping", of(peer, Map.of("count", count))));
  }

  /** Has the peer echo on so many streams at once, each open until all are. */
  void echo(PeerId peer, int streams, long bytes) {
    call("echo", of(peer, Map.of("count", streams, "bytes", bytes)), TRANSFER_WITHIN);
  }

  /** Sends random bytes to the peer's sink, and checks by hash that they came. */
  void send(PeerId peer, long bytes) {
    call("send", of(peer, Map.of("bytes", bytes)), TRANSFER_WITHIN);
  }

  /** Reads from the peer's source, slowly, and checks by hash what came. */
  void fetch(PeerId peer, long bytes, int chunkBytes, long pauseMicros) {
    call(
        "fetch",
        of(peer, Map.of("bytes", bytes, "chunkBytes", chunkBytes, "pauseMicros", pauseMicros)),
        TRANSFER_WITHIN);
  }

  /** Ends its own side of a hold stream first; gives what came after that. */
  String halfClose(PeerId peer) {
    return String.valueOf(call("halfClose", of(peer)));
  }

  /** Resets a hold stream that the peer serves. */
  void reset(PeerId peer) {
    call("reset", of(peer));
  }

  /** Has the peer reset a stream, and fails when it ends in another way. */
  void expectReset(PeerId peer) {
    call("expectReset", of(peer));
  }

  /** Lets its sink read, or holds it back. */
  void gate(boolean open) {
    call("gate", Map.of("open", open));
  }

  /** Bytes that it has written to streams of source and to our sink. */
  long sentBytes() {
    return Json.number(Json.object(call("counters", Map.of())), "sent");
  }

  /** How streams of the protocol hold have ended, in order. */
  List<String> endings() {
    return Json.texts(Json.object(call("counters", Map.of())).get("endings"));
  }

  /** Connects to the peer, and has the routing table filled from there. */
  @Override
  public void bootstrap(PeerId peer, List<Multiaddr> to) {
    call("bootstrap", Map.of("peer", peer.toString(), "addrs", texts(to)), Duration.ofSeconds(30));
  }

  /** Looks through the whole routing table. */
  void refresh() {
    call("refresh", Map.of(), Duration.ofSeconds(30));
  }

  /** The peers in its routing table. */
  @Override
  public List<PeerId> table() {
    return Json.texts(call("table", Map.of())).stream().map(PeerId::parse).toList();
  }

  /** Announces the keys, and returns when the nearest peers have been told. */
  @Override
  public void provide(List<String> keys) {
    call("provide", Map.of("keys", keys), Duration.ofSeconds(60));
  }

  /** Hands the keys to the provider that announces them in the background. */
  void startProviding(List<String> keys) {
    call("startProviding", Map.of("keys", keys));
  }

  /** Searches for so many providers of a key; of all, when the count is 0. */
  List<Found> find(String key, int count) {
    Object found = call("find", Map.of("keys", List.of(key), "count", count));
    return Json.objects(found).stream().map(ForeignHost::found).toList();
  }

  @Override
  public Optional<KadPeer> find(String key) {
    return find(key, 1).stream()
        .findFirst()
        .map(found -> new KadPeer(found.peer(), found.addresses()));
  }

  /** Searches for a peer's addresses. */
  KadPeer findPeer(PeerId peer) {
    Found found = found(Json.object(call("findPeer", of(peer))));
    return new KadPeer(found.peer(), found.addresses());
  }

  private static Found found(Map<?, ?> fields) {
    return new Found(
        PeerId.parse(Json.text(fields, "peer")),
        Json.texts(fields.get("addrs")).stream().map(Multiaddr::parse).toList(),
        Json.decimal(fields, "millis"));
  }

  private static List<String> texts(List<Multiaddr> addresses) {
    return addresses.stream().map(Multiaddr::toString).toList();
  }

  private static Map<String, Object> of(PeerId peer) {
    return Map.of("peer", peer.toString());
  }

  private static Map<String, Object> of(PeerId peer, Map<String, Object> more) {
    Map<String, Object> fields = new HashMap<>(more);
    fields.put("peer", peer.toString());
    return fields;
  }

  private @Nullable Object call(String operation, Map<String, Object> fields) {
    Map<String, Object> all = new HashMap<>(fields);
    all.put("host", number);
    return process.call(operation, all);
  }

  private @Nullable Object call(String operation, Map<String, Object> fields, Duration within) {
    Map<String, Object> all = new HashMap<>(fields);
    all.put("host", number);
    return process.call(operation, all, within);
  }

  @Override
  public String toString() {
    return "foreign host " + id;
  }
}
