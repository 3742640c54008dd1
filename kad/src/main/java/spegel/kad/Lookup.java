package spegel.kad;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import spegel.libp2p.PeerId;

/**
 * One search through the network, ever nearer to its target. Each candidate goes
 *
 * <pre>
 *   HEARD ──asked──▶ WAITING ──answer──▶ ANSWERED
 *                       └──failure, time-out──▶ FAILED
 * </pre>
 *
 * and the search ends when the k nearest that have not failed have all answered, or when nobody is
 * left to ask. Fewer would not do for providers: after a part of the network was cut off, or many
 * nodes came, a record is with some of the k nearest only. Guarded by its node's lock; what the
 * node learns on the way it is told through {@link Observer}.
 */
final class Lookup {
  private static final int MAX_CANDIDATES = 1_000;

  /**
   * Ten times what a search among 10,000 nodes takes: peers that name ever nearer ones must end.
   */
  private static final int MAX_REQUESTS = 500;

  /** What a lookup tells its node, with the lock held. */
  interface Observer {
    void answered(KadPeer peer, KadMessage answer);

    void failed(KadPeer peer);
  }

  private enum State {
    HEARD,
    WAITING,
    ANSWERED,
    FAILED
  }

  private static final class Candidate {
    final KadKey key;
    KadPeer peer;
    State state = State.HEARD;

    Candidate(KadPeer peer) {
      this.peer = peer;
      this.key = KadKey.of(peer.id());
    }
  }

  private final KadMessage question;
  private final KadOptions options;
  private final PeerId self;
  private final KadNetwork network;
  private final Object lock;
  private final Observer observer;
  private final Consumer<List<KadPeer>> done;

  private final TreeMap<KadKey, Candidate> byDistance;
  private final Map<PeerId, Candidate> byId = new HashMap<>();
  private int waiting;
  private int requests;
  private boolean over;

  /**
   * A search for the peers nearest to the key's point.
   *
   * @param question what each candidate is asked
   * @param target the point to approach
   * @param done gets the nearest peers that have answered, nearest first, at most k, once, unless
   *     the search is cancelled
   */
  Lookup(
      KadMessage question,
      KadKey target,
      PeerId self,
      KadOptions options,
      KadNetwork network,
      Object lock,
      Observer observer,
      Consumer<List<KadPeer>> done) {
    this.question = question;
    this.self = self;
    this.options = options;
    this.network = network;
    this.lock = lock;
    this.observer = observer;
    this.done = done;
    this.byDistance = new TreeMap<>(target::compareDistance);
  }

  void start(List<KadPeer> seeds) {
    seeds.forEach(this::hear);
    step();
  }

  private void hear(KadPeer peer) {
    if (peer.id().equals(self)) {
      return;
    }
    Candidate known = byId.get(peer.id());
    if (known != null) {
      if (known.peer.addresses().isEmpty()) {
        known.peer = peer;
      }
      return;
    }
    Candidate candidate = new Candidate(peer);
    byId.put(peer.id(), candidate);
    byDistance.put(candidate.key, candidate);
    if (byDistance.size() > MAX_CANDIDATES) {
      Candidate farthest = byDistance.lastEntry().getValue();
      Candidate forgotten = farthest.state == State.HEARD ? farthest : candidate;
      byDistance.remove(forgotten.key);
      byId.remove(forgotten.peer.id());
    }
  }

  /** Asks whoever is to be asked next, or ends. */
  private void step() {
    if (over) {
      return;
    }
    List<Candidate> nearest = nearestAlive();
    if (nearest.stream().allMatch(candidate -> candidate.state == State.ANSWERED)) {
      finish(nearest);
      return;
    }
    for (Candidate candidate : nearest) {
      if (waiting >= options.alpha() || requests >= MAX_REQUESTS) {
        break;
      }
      if (candidate.state == State.HEARD) {
        ask(candidate);
        if (over) {
          return;
        }
      }
    }
    if (waiting == 0) {
      finish(nearestAlive());
    }
  }

  private List<Candidate> nearestAlive() {
    List<Candidate> nearest = new ArrayList<>(options.k());
    for (Candidate candidate : byDistance.values()) {
      if (candidate.state != State.FAILED) {
        nearest.add(candidate);
        if (nearest.size() == options.k()) {
          break;
        }
      }
    }
    return nearest;
  }

  private void finish(List<Candidate> nearest) {
    over = true;
    done.accept(
        nearest.stream()
            .filter(candidate -> candidate.state == State.ANSWERED)
            .map(candidate -> candidate.peer)
            .toList());
  }

  private void ask(Candidate candidate) {
    candidate.state = State.WAITING;
    waiting++;
    requests++;
    Duration timeout = options.requestTimeout();
    network.request(
        candidate.peer,
        question,
        timeout,
        answer -> answered(candidate, answer),
        _ -> failed(candidate));
  }

  private void answered(Candidate candidate, KadMessage answer) {
    synchronized (lock) {
      candidate.state = State.ANSWERED;
      waiting--;
      observer.answered(candidate.peer, answer);
      if (!over) {
        answer.closerPeers().stream().limit(options.k()).forEach(this::hear);
        step();
      }
    }
  }

  private void failed(Candidate candidate) {
    synchronized (lock) {
      candidate.state = State.FAILED;
      waiting--;
      observer.failed(candidate.peer);
      step();
    }
  }

  /** Ends it without a result. */
  void cancel() {
    over = true;
  }
}
