package spegel.kad;

import java.time.Duration;
import java.time.Instant;
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
 *   HEARD ──asked──▶ WAITING ──────answer─────────▶ ANSWERED
 *                     │  └──late──▶ OVERDUE ──answer──▶ ANSWERED
 *                     └──failure──────┴──failure──▶ FAILED
 * </pre>
 *
 * and the search ends when the k nearest that have neither failed nor are overdue have all
 * answered, one at least, or when nobody is left who may answer. Fewer would not do for providers:
 * after a part of the network was cut off, or many nodes came, a record is with some of the k
 * nearest only. Waiting for each would not do either: a peer that hangs would hold up every search
 * that ends in vain near it until the request's time is over. Guarded by its node's lock; what the
 * node learns on the way it is told through {@link Observer}.
 */
final class Lookup {
  private static final int MAX_CANDIDATES = 1_000;

  /**
   * Ten times what a search among 10,000 nodes takes: peers that name ever nearer ones must end.
   */
  private static final int MAX_REQUESTS = 500;

  /** An answer is overdue after so many times what the search's answers took on average. */
  private static final int OVERDUE_FACTOR = 4;

  /** And not before: a pause of the other process, or a lost packet of a dial, are no silence. */
  private static final Duration MIN_PATIENCE = Duration.ofMillis(500);

  /** What a lookup tells its node, with the lock held. */
  interface Observer {
    void answered(KadPeer peer, KadMessage answer);

    void failed(KadPeer peer);
  }

  private enum State {
    HEARD,
    WAITING,
    OVERDUE,
    ANSWERED,
    FAILED
  }

  private static final class Candidate {
    KadPeer peer;
    State state = State.HEARD;
    Instant asked = Instant.MAX;

    Candidate(KadPeer peer) {
      this.peer = peer;
    }
  }

  private final KadMessage question;
  private final KadNode node;
  private final KadOptions options;
  private final KadNetwork network;
  private final KadClock clock;
  private final Observer observer;
  private final Consumer<List<KadPeer>> done;

  private final TreeMap<KadKey, Candidate> byDistance;
  private final Map<PeerId, Candidate> byId = new HashMap<>();
  private int waiting;
  private int overdue;
  private int requests;
  private int answers;
  private Duration answerTimes = Duration.ZERO;
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
      KadNode node,
      KadOptions options,
      KadNetwork network,
      KadClock clock,
      Observer observer,
      Consumer<List<KadPeer>> done) {
    this.question = question;
    this.node = node;
    this.options = options;
    this.network = network;
    this.clock = clock;
    this.observer = observer;
    this.done = done;
    this.byDistance = new TreeMap<>(target::compareDistance);
  }

  void start(List<KadPeer> seeds) {
    seeds.forEach(this::hear);
    step();
    if (!over) {
      lookForLateAfter(MIN_PATIENCE);
    }
  }

  private void hear(KadPeer peer) {
    if (peer.id().equals(node.id())) {
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
    byDistance.put(peer.key(), candidate);
    if (byDistance.size() > MAX_CANDIDATES) {
      Candidate farthest = byDistance.lastEntry().getValue();
      Candidate forgotten = farthest.state == State.HEARD ? farthest : candidate;
      byDistance.remove(forgotten.peer.key());
      byId.remove(forgotten.peer.id());
    }
  }

  /** Asks whoever is to be asked next, or ends. */
  private void step() {
    if (over) {
      return;
    }
    List<Candidate> nearest = nearestInTime();
    if (!nearest.isEmpty() && isAnsweredByAll(nearest)) {
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
    if (waiting == 0 && overdue == 0) {
      finish(nearestInTime());
    }
  }

  private List<Candidate> nearestInTime() {
    List<Candidate> nearest = new ArrayList<>(options.k());
    for (Candidate candidate : byDistance.values()) {
      if (candidate.state != State.FAILED && candidate.state != State.OVERDUE) {
        nearest.add(candidate);
        if (nearest.size() == options.k()) {
          break;
        }
      }
    }
    return nearest;
  }

  private static boolean isAnsweredByAll(List<Candidate> candidates) {
    for (Candidate candidate : candidates) {
      if (candidate.state != State.ANSWERED) {
        return false;
      }
    }
    return true;
  }

  private void finish(List<Candidate> nearest) {
    cancel();
    done.accept(
        nearest.stream()
            .filter(candidate -> candidate.state == State.ANSWERED)
            .map(candidate -> candidate.peer)
            .toList());
  }

  private void ask(Candidate candidate) {
    candidate.state = State.WAITING;
    candidate.asked = clock.now();
    waiting++;
    requests++;
    network.request(
        candidate.peer,
        question,
        options.requestTimeout(),
        answer -> answered(candidate, answer),
        _ -> failed(candidate));
  }

  private void answered(Candidate candidate, KadMessage answer) {
    synchronized (node.lock()) {
      enter(candidate, State.ANSWERED);
      answers++;
      answerTimes = answerTimes.plus(Duration.between(candidate.asked, clock.now()));
      observer.answered(candidate.peer, answer);
      if (!over) {
        answer.closerPeers().stream().limit(options.k()).forEach(this::hear);
        step();
      }
    }
  }

  private void failed(Candidate candidate) {
    synchronized (node.lock()) {
      enter(candidate, State.FAILED);
      observer.failed(candidate.peer);
      step();
    }
  }

  /** The candidate, which was asked, is no longer waited for as it was. */
  private void enter(Candidate candidate, State next) {
    if (candidate.state == State.WAITING) {
      waiting--;
    } else {
      overdue--;
    }
    candidate.state = next;
  }

  // One look for all requests of a search, which is nearly always over by then.
  private void lookForLateAfter(Duration delay) {
    Instant due = clock.now().plus(delay);
    clock.schedule(
        delay,
        () -> {
          synchronized (node.lock()) {
            if (!over) {
              lookForLate(due);
            }
          }
        });
  }

  private void lookForLate(Instant due) {
    Duration patience = patience();
    Instant now = clock.now();
    if (now.isAfter(due.plus(MIN_PATIENCE))) {
      // This process was held up: answers may have come that nobody has looked at.
      lookForLateAfter(patience);
      return;
    }
    Instant latest = now.minus(patience);
    Instant earliest = now;
    for (Candidate candidate : byDistance.values()) {
      if (candidate.state == State.WAITING) {
        if (!candidate.asked.isAfter(latest)) {
          candidate.state = State.OVERDUE;
          waiting--;
          overdue++;
        } else if (candidate.asked.isBefore(earliest)) {
          earliest = candidate.asked;
        }
      }
    }
    step();
    if (!over) {
      lookForLateAfter(Duration.between(latest, earliest));
    }
  }

  private Duration patience() {
    Duration usual = answers == 0 ? Duration.ZERO : answerTimes.dividedBy(answers);
    Duration longer = usual.multipliedBy(OVERDUE_FACTOR);
    return longer.compareTo(MIN_PATIENCE) > 0 ? longer : MIN_PATIENCE;
  }

  /** Ends it without a result. */
  void cancel() {
    over = true;
    // What is under way, and the look for late answers, would hold them for a while.
    byDistance.clear();
    byId.clear();
  }
}
