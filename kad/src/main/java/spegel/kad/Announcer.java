package spegel.kad;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What this node has, and telling others of it. Keys are announced by region: a search for the
 * peers nearest to one key yields those of all keys around it, and each of them is told of all
 * these keys in one go. Keys are announced anew at times that follow their order in the key space,
 * so that the load is spread and regions stay together. Guarded by its node's lock.
 */
final class Announcer {
  /** New keys wait this long for company. */
  private static final Duration GATHERING = Duration.ofMillis(5);

  private static final int MAX_REGIONS_AT_ONCE = 4;
  private static final int MAX_MESSAGES_AT_ONCE = 256;
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final KadNode node;
  private final KadOptions options;
  private final KadNetwork network;
  private final KadClock clock;

  /** Own keys, and when each is to be announced anew. */
  private final Map<RecordKey, Instant> own = new HashMap<>();

  /** Keys to be announced now, in the order of the key space. */
  private final TreeMap<KadKey, RecordKey> pending = new TreeMap<>(KadKey::compareNumber);

  private boolean gathering;
  private int regions;

  Announcer(KadNode node, KadOptions options, KadNetwork network, KadClock clock) {
    this.node = node;
    this.options = options;
    this.network = network;
    this.clock = clock;
  }

  boolean has(RecordKey key) {
    return own.containsKey(key);
  }

  int pending() {
    return pending.size();
  }

  void add(Collection<RecordKey> keys) {
    for (RecordKey key : keys) {
      KadKey point = key.point();
      own.put(key, firstRenewal(point));
      pending.put(point, key);
    }
    gather(GATHERING);
  }

  /** Between half an interval and a whole one from now, by where the key stands. */
  private Instant firstRenewal(KadKey point) {
    long half = options.reprovideInterval().toMillis() / 2;
    return clock.now().plusMillis(half + (long) (point.fraction() * half));
  }

  void remove(Collection<RecordKey> keys) {
    for (RecordKey key : keys) {
      own.remove(key);
      pending.remove(key.point());
    }
  }

  void tick(Instant now) {
    for (Map.Entry<RecordKey, Instant> entry : own.entrySet()) {
      if (!entry.getValue().isAfter(now)) {
        entry.setValue(now.plus(options.reprovideInterval()));
        pending.put(entry.getKey().point(), entry.getKey());
      }
    }
    gather(Duration.ZERO);
  }

  private void gather(Duration delay) {
    if (!gathering && !pending.isEmpty()) {
      gathering = true;
      clock.schedule(delay, this::begin);
    }
  }

  private void begin() {
    synchronized (node.lock()) {
      gathering = false;
      // A search among nobody ends at once, and puts its key back for a later round.
      while (!gathering && regions < MAX_REGIONS_AT_ONCE && !pending.isEmpty()) {
        // The regions under way keep apart: each begins at another place of the key space.
        KadKey start = regions % 2 == 0 ? pending.firstKey() : pending.lastKey();
        RecordKey key = pending.remove(start);
        if (key != null) {
          regions++;
          node.findNearest(key.bytes(), nearest -> found(start, key, nearest));
        }
      }
    }
  }

  private void found(KadKey start, RecordKey key, List<KadPeer> nearest) {
    if (nearest.isEmpty()) {
      // Nobody is there to be told; the keys wait for somebody.
      regions--;
      if (own.containsKey(key)) {
        pending.put(start, key);
      }
      gather(RETRY);
      return;
    }
    List<RecordKey> region = takeRegion(start, nearest);
    region.add(key);
    Sending sending = new Sending(nearest.size());
    for (KadPeer peer : nearest) {
      send(peer, region, 0, sending);
    }
  }

  /** The pending keys for which the peers nearest to the start are the nearest, too. */
  private List<RecordKey> takeRegion(KadKey start, List<KadPeer> nearest) {
    int sharedBits = -1;
    if (nearest.size() >= options.k()) {
      // All peers that share more bits than the farthest of the k are among them.
      sharedBits = start.commonPrefixBits(nearest.getLast().key());
    }
    List<RecordKey> region = new ArrayList<>();
    for (Map<KadKey, RecordKey> side :
        List.of(pending.headMap(start, false).descendingMap(), pending.tailMap(start, true))) {
      var members = side.entrySet().iterator();
      while (members.hasNext()) {
        Map.Entry<KadKey, RecordKey> member = members.next();
        if (start.commonPrefixBits(member.getKey()) <= sharedBits) {
          break;
        }
        region.add(member.getValue());
        members.remove();
      }
    }
    return region;
  }

  /** How many peers of a region are still to be told. */
  private static final class Sending {
    int left;

    Sending(int peers) {
      this.left = peers;
    }
  }

  private void send(KadPeer peer, List<RecordKey> region, int from, Sending sending) {
    if (from >= region.size()) {
      sent(sending);
      return;
    }
    int to = Math.min(region.size(), from + MAX_MESSAGES_AT_ONCE);
    network.send(
        peer,
        announcements(region.subList(from, to)),
        SEND_TIMEOUT,
        sent -> {
          synchronized (node.lock()) {
            // A peer that cannot be told is one of k; the next announcement will find who stands
            // there then.
            send(peer, region, sent ? to : region.size(), sending);
          }
        });
  }

  /** What a peer is told of those keys that this node has still. */
  private List<KadMessage> announcements(List<RecordKey> keys) {
    List<KadPeer> self = List.of(new KadPeer(node.id(), network.ownAddresses()));
    return keys.stream()
        .filter(own::containsKey)
        .map(key -> new KadMessage(KadMessage.Type.ADD_PROVIDER, key.bytes(), List.of(), self))
        .toList();
  }

  private void sent(Sending sending) {
    if (--sending.left == 0) {
      regions--;
      gather(Duration.ZERO);
    }
  }
}
