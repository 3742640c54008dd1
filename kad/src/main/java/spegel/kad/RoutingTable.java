package spegel.kad;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import spegel.libp2p.PeerId;

/**
 * The peers that a node knows, in buckets by the number of leading bits that they share with it. A
 * bucket holds at most {@value #BUCKET_SIZE} peers, and as many that would take a place that
 * becomes free. Guarded by its node's lock.
 */
final class RoutingTable {
  static final int BUCKET_SIZE = 20;

  /** Farther buckets than this share one: no two peers of a cluster share more bits. */
  private static final int BUCKETS = 64;

  private static final Entry[] NO_ENTRIES = {};

  private final KadKey self;

  /** As many as the deepest that had a peer needs, at most {@value #BUCKETS}. */
  private final List<Bucket> buckets = new ArrayList<>();

  private final Map<PeerId, Entry> entries = new HashMap<>();

  /** A peer in the table. */
  static final class Entry {
    private final KadKey key;
    private KadPeer peer;
    private long heardMillis;

    Entry(KadPeer peer) {
      this.key = peer.key();
      this.peer = peer;
    }

    private void heard(KadPeer from, Instant now) {
      heardMillis = now.toEpochMilli();
      if (!from.addresses().isEmpty()) {
        peer = from;
      }
    }

    KadPeer peer() {
      return peer;
    }

    KadKey key() {
      return key;
    }
  }

  private static final class Bucket {
    final List<Entry> peers = new ArrayList<>();

    /** In the order in which they were last heard of. */
    final Map<PeerId, Entry> replacements = new LinkedHashMap<>();

    Instant refreshed = Instant.EPOCH;
  }

  RoutingTable(KadKey self) {
    this.self = self;
  }

  private Bucket bucketOf(KadKey key) {
    int index = Math.min(self.commonPrefixBits(key), BUCKETS - 1);
    while (buckets.size() <= index) {
      buckets.add(new Bucket());
    }
    return buckets.get(index);
  }

  /**
   * The peer is alive and speaks the protocol: it gets a place, or waits for one.
   *
   * @return whether it has a place that it did not have before
   */
  boolean heard(KadPeer peer, Instant now) {
    Entry placed = entries.get(peer.id());
    if (placed != null) {
      placed.heard(peer, now);
      return false;
    }
    if (peer.key().equals(self)) {
      return false;
    }
    Bucket bucket = bucketOf(peer.key());
    Entry waiting = bucket.replacements.remove(peer.id());
    Entry entry = waiting == null ? new Entry(peer) : waiting;
    entry.heard(peer, now);
    if (bucket.peers.size() < BUCKET_SIZE) {
      place(entry, bucket);
      return true;
    }
    bucket.replacements.put(peer.id(), entry);
    if (bucket.replacements.size() > BUCKET_SIZE) {
      bucket.replacements.remove(bucket.replacements.keySet().iterator().next());
    }
    return false;
  }

  private void place(Entry entry, Bucket bucket) {
    bucket.peers.add(entry);
    entries.put(entry.peer.id(), entry);
  }

  /**
   * The peer did not answer, or no longer speaks the protocol: the next in waiting takes its place.
   */
  void failed(PeerId id) {
    Bucket bucket = bucketOf(KadKey.of(id));
    bucket.replacements.remove(id);
    Entry placed = entries.remove(id);
    if (placed == null) {
      return;
    }
    bucket.peers.remove(placed);
    Entry latest = null;
    for (Entry entry : bucket.replacements.values()) {
      latest = entry;
    }
    if (latest != null) {
      bucket.replacements.remove(latest.peer.id());
      place(latest, bucket);
    }
  }

  /** The peer's entry, when it has a place. */
  Optional<KadPeer> find(PeerId id) {
    Entry entry = entries.get(id);
    return entry == null ? Optional.empty() : Optional.of(entry.peer);
  }

  /** The peers nearest to the key, nearest first, at most {@code count}. */
  List<Entry> nearest(KadKey key, int count) {
    // Peers of bucket i have the other bit than this node at i, and the same ones before it. So
    // where the key has that other bit, they are nearer to it than those of all deeper buckets;
    // where
    // it has not, they are farther. Whole buckets stand in order, and few have to be sorted.
    List<Entry> found = new ArrayList<>(count);
    for (int i = 0; i < buckets.size() && found.size() < count; i++) {
      if (self.differsAt(i, key)) {
        addSorted(found, buckets.get(i), key, count);
      }
    }
    for (int i = buckets.size() - 1; i >= 0 && found.size() < count; i--) {
      if (!self.differsAt(i, key)) {
        addSorted(found, buckets.get(i), key, count);
      }
    }
    return found;
  }

  private static void addSorted(List<Entry> found, Bucket bucket, KadKey key, int count) {
    Entry[] peers = bucket.peers.toArray(NO_ENTRIES);
    Arrays.sort(peers, (a, b) -> key.compareDistance(a.key, b.key));
    int taken = Math.min(peers.length, count - found.size());
    found.addAll(Arrays.asList(peers).subList(0, taken));
  }

  /** Peers not heard of for the given time, least recently heard first, at most {@code count}. */
  List<KadPeer> silentSince(Instant before, int count) {
    long beforeMillis = before.toEpochMilli();
    return entries.values().stream()
        .filter(entry -> entry.heardMillis < beforeMillis)
        .sorted(Comparator.comparingLong(entry -> entry.heardMillis))
        .limit(count)
        .map(Entry::peer)
        .toList();
  }

  /**
   * Buckets, up to the deepest that has a peer, which were not refreshed for the given time; they
   * count as refreshed now.
   */
  List<Integer> dueForRefresh(Instant now, Duration interval) {
    int deepest = buckets.size() - 1;
    while (deepest >= 0 && buckets.get(deepest).peers.isEmpty()) {
      deepest--;
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
