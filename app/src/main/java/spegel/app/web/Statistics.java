package spegel.app.web;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import spegel.mirror.PeerReport;
import spegel.routing.kad.RouterPeer;
import spegel.store.Inventory;

/** Writes what changes while a node runs. Every list has a bound. */
final class Statistics {
  private static final int MAX_IMAGES = 500;
  private static final int MAX_PEERS = 250;
  private static final int MAX_ADDRESSES = 8;
  private static final double NANOS_PER_MILLI = 1e6;

  private final NodeParts parts;

  /** A peer as the router and the mirror know it. */
  private record Peer(RouterPeer known, @Nullable PeerReport report) {
    int transfers() {
      return report == null ? 0 : report.transfers();
    }
  }

  Statistics(NodeParts parts) {
    this.parts = parts;
  }

  void write(JsonWriter json) throws IOException {
    json.beginObject();
    json.name("ready").value(parts.ready().getAsBoolean());
    writeStore(json);
    writeTotals(json);
    writePeers(json);
    writeTransfers(json);
    json.endObject();
  }

  static @Nullable Double millis(@Nullable Duration duration) {
    return duration == null ? null : duration.toNanos() / NANOS_PER_MILLI;
  }

  private void writeStore(JsonWriter json) throws IOException {
    Inventory inventory = parts.store().inventory(MAX_IMAGES);
    json.name("store").beginObject();
    json.name("connected").value(parts.store().connected());
    json.name("imageCount").value(inventory.imageCount());
    json.name("contentCount").value(inventory.contentCount());
    json.name("contentBytes").value(inventory.contentBytes());
    json.name("images").beginArray();
    for (Inventory.Image image : inventory.images()) {
      json.beginObject();
      json.name("name").value(image.name().toString());
      json.name("digest").value(image.target().toString());
      json.name("contentCount").value(image.contentCount());
      json.name("contentBytes").value(image.contentBytes());
      json.endObject();
    }
    json.endArray().endObject();
  }

  private void writeTotals(JsonWriter json) throws IOException {
    Traffic.Totals totals = parts.traffic().totals();
    json.name("mirror").beginObject();
    json.name("hits").value(totals.hits());
    json.name("misses").value(totals.misses());
    json.name("receivedBytes").value(totals.receivedBytes());
    json.name("servedBytes").value(totals.servedBytes());
    json.name("receiving").value(totals.receiving());
    json.name("serving").value(totals.serving());
    json.endObject();
  }

  private void writePeers(JsonWriter json) throws IOException {
    Map<String, PeerReport> reports = new HashMap<>();
    parts.mirror().peers().forEach(report -> reports.put(report.peerId(), report));
    List<Peer> peers =
        parts.router().peers().stream()
            .map(peer -> new Peer(peer, reports.get(peer.id())))
            .sorted(
                Comparator.comparing((Peer peer) -> !peer.known.connected())
                    .thenComparing(Comparator.comparingInt(Peer::transfers).reversed())
                    .thenComparing(peer -> peer.known.id()))
            .toList();
    json.name("peerCount").value(peers.size());
    json.name("connectedCount")
        .value(peers.stream().filter(peer -> peer.known.connected()).count());
    json.name("peers").beginArray();
    for (Peer peer : peers.subList(0, Math.min(MAX_PEERS, peers.size()))) {
      write(json, peer);
    }
    json.endArray();
  }

  private static void write(JsonWriter json, Peer peer) throws IOException {
    PeerReport report = peer.report;
    json.beginObject();
    json.name("id").value(peer.known.id());
    json.name("addresses").beginArray();
    List<InetAddress> addresses = peer.known.addresses();
    for (InetAddress address : addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size()))) {
      json.value(address.getHostAddress());
    }
    json.endArray();
    json.name("connected").value(peer.known.connected());
    json.name("agentVersion").value(peer.known.agentVersion());
    json.name("latencyMillis").value(report == null ? null : millis(report.latency()));
    json.name("transfers").value(peer.transfers());
    json.name("failures").value(report == null ? 0 : report.failures());
    json.name("avoided").value(report != null && report.avoided());
    json.endObject();
  }

  private void writeTransfers(JsonWriter json) throws IOException {
    json.name("transfers").beginArray();
    for (TrafficRecord transfer : parts.traffic().records()) {
      json.beginObject();
      json.name("direction").value(transfer.direction().name().toLowerCase(Locale.ROOT));
      json.name("key").value(transfer.key());
      json.name("peerId").value(transfer.peerId());
      json.name("peerAddress").value(transfer.peerAddress());
      json.name("client").value(transfer.client());
      json.name("lengthBytes").value(transfer.lengthBytes());
      json.name("sentBytes").value(transfer.sentBytes() < 0 ? null : transfer.sentBytes());
      json.name("beganMillis").value(transfer.began().toEpochMilli());
      json.name("millis").value(millis(transfer.duration()));
      json.name("running").value(transfer.running());
      json.endObject();
    }
    json.endArray();
  }
}
