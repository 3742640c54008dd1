package spegel.kad;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import spegel.libp2p.PeerId;

/**
 * The peers that a node knows, in buckets by the number of leading bits that they share with it. A
 * bucket holds at most {@value #BUCKET_SIZE} peers, least recently heard of first, and as many that
 * would take a place that becomes free. Guarded by its node's lock.
 */
final class RoutingTable {
  static final int BUCKET_SIZE = 20;

  /** Farther buckets than this share one: no two peers of a cluster share more bits. */
  private static final int BUCKETS = 64;

  private final KadKey self;
  private final List<Bucket> buckets = new ArrayList<>();
  private final Map<PeerId, Entry> entries = new HashMap<>();

  /** A peer in the table. */
  static final class Entry {
    private final KadKey key;
    private KadPeer peer;
    private Instant heard;

    Entry(KadPeer peer, Instant heard) {
      this.key = KadKey.of(peer.id());
      this.peer = peer;
      this.heard = heard;
    }

    KadPeer peer() {
      return peer;
    }

    KadKey key() {
      return key;
    }
  }

  /** Each map in the order in which the peers were last heard of. */
  private static final class Bucket {
    final Map<PeerId, Entry> peers = new LinkedHashMap<>();
    final Map<PeerId, Entry> replacements = new LinkedHashMap<>();
    Instant refreshed = Instant.EPOCH;

    void addTo(List<Entry> list) {
      // Most buckets are empty, and this is what a node does most.
      if (!peers.isEmpty()) {
        list.addAll(peers.values());
      }
    }
  }

  RoutingTable(KadKey self) {
    this.self = self;
    for (int i = 0; i < BUCKETS; i++) {
      buckets.add(new Bucket());
    }
  }

  private int bucketIndex(KadKey key) {
    return Math.min(self.commonPrefixBits(key), BUCKETS - 1);
  }

  /**
   * The peer is alive and speaks the protocol: it gets a place, or waits for one.
   *
   * @return whether it has a place that it did not have before
   */
  boolean heard(KadPeer peer, Instant now) {
    Entry entry = entries.get(peer.id());
    if (entry == null) {
      entry = new Entry(peer, now);
    }
    if (entry.key.equals(self)) {
      return false;
    }
    Bucket bucket = buckets.get(bucketIndex(entry.key));
    entry.heard = now;
    if (!peer.addresses().isEmpty()) {
      entry.peer = peer;
    }
    if (bucket.peers.remove(peer.id()) != null || bucket.peers.size() < BUCKET_SIZE) {
      bucket.replacements.remove(peer.id());
      bucket.peers.put(peer.id(), entry);
      return entries.put(peer.id(), entry) == null;
    } else {
      bucket.replacements.remove(peer.id());
      bucket.replacements.put(peer.id(), entry);
      if (bucket.replacements.size() > BUCKET_SIZE) {
        bucket.replacements.remove(bucket.replacements.keySet().iterator().next());
      }
      return false;
    }
  }

  /**
   * The peer did not answer, or no longer speaks the protocol: the next in waiting takes its place.
   */
  void failed(PeerId id) {
    KadKey key = KadKey.of(id);
    Bucket bucket = buckets.get(bucketIndex(key));
    bucket.replacements.remove(id);
    if (bucket.peers.remove(id) == null) {
      return;
    }
    entries.remove(id);
    Entry latest = null;
    for (Entry entry : bucket.replacements.values()) {
      latest = entry;
    }
    if (latest != null) {
      bucket.replacements.remove(latest.peer.id());
      bucket.peers.put(latest.peer.id(), latest);
      entries.put(latest.peer.id(), latest);
    }
  }

  /** The peer's entry, when it has a place. */
  Optional<KadPeer> find(PeerId id) {
    Entry entry = entries.get(id);
    return entry == null ? Optional.empty() : Optional.of(entry.peer);
  }

  /** The peers nearest to the key, nearest first, at most {@code count}. */
  List<Entry> nearest(KadKey key, int count) {
    // All that share more bits with the key than the node does stand in its bucket; nearer buckets
    // to the node come next,
    // all equally far in their first differing bit, then the farther ones, one by one.
    int index = bucketIndex(key);
    List<Entry> found = new ArrayList<>(buckets.get(index).peers.values());
    if (found.size() < count) {
      for (int i = index + 1; i < BUCKETS; i++) {
        buckets.get(i).addTo(found);
      }
    }
    for (int i = index - 1; i >= 0 && found.size() < count; i--) {
      buckets.get(i).addTo(found);
    }
    found.sort(Comparator.comparing(Entry::key, key::compareDistance));
    return found.size() > count ? found.subList(0, count) : found;
  }

  /** Peers not heard of for the given time, least recently heard first, at most {@code count}. */
  List<KadPeer> silentSince(Instant before, int count) {
    return entries.values().stream()
        .filter(entry -> entry.heard.isBefore(before))
        .sorted(Comparator.comparing(entry -> entry.heard))
        .limit(count)
        .map(Entry::peer)
        .toList();
  }

  /**
   * Buckets, up to the deepest that has a peer, which were not refreshed for the given time; they
   * count as refreshed now.
   */
  List<Integer> dueForRefresh(Instant now, Duration interval) {
    int deepest = -1;
    for (int i = 0; i < BUCKETS; i++) {
      if (!buckets.get(i).peers.isEmpty()) {
        deepest = i;
      }
    }
    List<Integer> due = new ArrayList<>();
    for (int i = 0; i <= deepest; i++) {
      if (!buckets.get(i).refreshed.plus(interval).isAfter(now)) {
        buckets.get(i).refreshed = now;
        due.add(i);
      }
    }
    return due;
  }

  int size() {
    return entries.size();
  }

  List<KadPeer> peers() {
    return entries.values().stream().map(Entry::peer).toList();
  }
}
