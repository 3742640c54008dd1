package spegel.app.web;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import spegel.app.web.TrafficRecord.Direction;
import spegel.http.HttpExchange;
import spegel.http.HttpOutcome;
import spegel.mirror.MirrorObserver;
import spegel.mirror.Transfer;
import spegel.oci.Digest;
import spegel.registry.RegistryObserver;

/**
 * What goes between this node and its peers: blobs that are under way, the last ones that ended,
 * and totals. What is under way is as many as the registry has connections.
 */
public final class Traffic {
  static final int MAX_ENDED = 64;
  static final int MAX_RUNNING_SHOWN = 64;

  private final InstantSource clock;

  // Guarded by this. Both are compared by identity.
  private final Map<Transfer, Instant> receiving = new HashMap<>();
  private final Map<HttpExchange, Served> serving = new HashMap<>();
  private final Deque<TrafficRecord> ended = new ArrayDeque<>();
  private long hits;
  private long misses;
  private long receivedBytes;
  private long servedBytes;

  private record Served(Digest digest, long lengthBytes, Instant began, long beganNanos) {}

  /**
   * Totals since the start.
   *
   * @param hits requests for what this node has not that a peer answered
   * @param misses those that none did
   * @param receivedBytes of blobs of peers that have ended
   * @param servedBytes of blobs for peers that have ended
   * @param receiving blobs of peers that are under way
   * @param serving blobs for peers that are
   */
  record Totals(
      long hits, long misses, long receivedBytes, long servedBytes, int receiving, int serving) {}

  /** Nothing yet. */
  public Traffic(InstantSource clock) {
    this.clock = clock;
  }

  /** Hears of the registry's requests, and tells the next observer. */
  public RegistryObserver registry(RegistryObserver next) {
    return new TrafficOfRegistry(this, next);
  }

  /** Hears of the mirror's transfers, and tells the next observer. */
  public MirrorObserver mirror(MirrorObserver next) {
    return new TrafficOfMirror(this, next);
  }

  synchronized void asked(boolean hit) {
    if (hit) {
      hits++;
    } else {
      misses++;
    }
  }

  synchronized void began(Transfer transfer) {
    receiving.put(transfer, clock.instant());
  }

  synchronized void ended(Transfer transfer) {
    Instant began = receiving.remove(transfer);
    if (began != null) {
      receivedBytes += transfer.sentBytes();
      keep(record(transfer, began, false));
    }
  }

  synchronized void began(HttpExchange exchange, Digest digest, long lengthBytes) {
    serving.put(exchange, new Served(digest, lengthBytes, clock.instant(), System.nanoTime()));
    if (exchange.isOver()) {
      serving.remove(exchange);
    }
  }

  synchronized void ended(HttpExchange exchange, HttpOutcome outcome) {
    Served served = serving.remove(exchange);
    if (served != null) {
      servedBytes += outcome.bodyBytes();
      keep(record(exchange, served, outcome.bodyBytes(), false));
    }
  }

  private void keep(TrafficRecord last) {
    ended.addFirst(last);
    if (ended.size() > MAX_ENDED) {
      ended.removeLast();
    }
  }

  /** The totals now. */
  synchronized Totals totals() {
    return new Totals(hits, misses, receivedBytes, servedBytes, receiving.size(), serving.size());
  }

  /** What is under way, then what ended last; bounded. */
  synchronized List<TrafficRecord> records() {
    List<TrafficRecord> running = new ArrayList<>();
    receiving.forEach((transfer, began) -> running.add(record(transfer, began, true)));
    serving.forEach((exchange, served) -> running.add(record(exchange, served, -1, true)));
    running.sort((one, other) -> other.began().compareTo(one.began()));
    List<TrafficRecord> all =
        new ArrayList<>(running.subList(0, Math.min(MAX_RUNNING_SHOWN, running.size())));
    all.addAll(ended);
    return all;
  }

  private static TrafficRecord record(Transfer transfer, Instant began, boolean running) {
    return new TrafficRecord(
        Direction.RECEIVED,
        transfer.key(),
        transfer.peerId(),
        transfer.peerAddress().getHostAddress(),
        transfer.client().getHostAddress(),
        transfer.lengthBytes(),
        transfer.sentBytes(),
        began,
        transfer.duration(),
        running);
  }

  private static TrafficRecord record(
      HttpExchange exchange, Served served, long sentBytes, boolean running) {
    return new TrafficRecord(
        Direction.SERVED,
        served.digest.toString(),
        null,
        exchange.remoteAddress().getAddress().getHostAddress(),
        null,
        served.lengthBytes,
        sentBytes,
        served.began,
        Duration.ofNanos(System.nanoTime() - served.beganNanos),
        running);
  }
}
