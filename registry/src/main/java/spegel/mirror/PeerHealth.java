package spegel.mirror;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import spegel.peer.ReceivedBytes;

/**
 * How peers have done lately: who answers soon, who is at work for us already, who has enough to
 * do, who failed and is left alone for a while. What was learned long ago counts less. Knows a
 * bounded number of peers; the one not heard of for the longest time is forgotten first.
 */
final class PeerHealth {
  private static final int MAX_PEERS = 2048;
  private static final int MAX_BACKOFF_DOUBLINGS = 5;
  private static final long FIRST_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long BUSY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHUT_OUT_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** What a peer that failed is taken for afterwards: others are asked first. */
  private static final double FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** More than any latency. */
  private static final double BUSY_COST_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** In which half of what is known of a peer's latency is forgotten. */
  private static final double HALF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** What a peer that was never asked is taken for: good enough to be tried. */
  private static final double UNKNOWN_LATENCY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final Duration UNKNOWN_PATIENCE = Duration.ofMillis(100);
  private static final long MIN_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MAX_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Weights of the newest sample, and the deviations until patience ends, as in RFC 6298. */
  private static final double LATENCY_GAIN = 0.125;

  private static final double DEVIATION_GAIN = 0.25;
  private static final int PATIENCE_DEVIATIONS = 4;

  private static final double RATE_GAIN = 0.2;
  private static final long MIN_RATED_BYTES = 1024 * 1024;

  private final LongSupplier nanoTime;

  // Guarded by this; the one heard of longest ago first.
  private final Map<String, State> peers = new LinkedHashMap<>(16, 0.75f, true);
  private double usualBytesPerSecond;

  private static final class State {
    double latencyNanos = Double.NaN;
    double deviationNanos;

    /** For having failed or been late since it answered last. */
    double penaltyNanos;

    /** When there was news of how soon it answers. */
    long newsNanos;

    int transfers;
    int failures;
    long totalFailures;
    final ReceivedBytes received;
    boolean busy;
    long busyUntilNanos;
    boolean avoided;
    boolean shutOut;
    long avoidUntilNanos;

    State(long nowNanos) {
      received = new ReceivedBytes(nowNanos);
      newsNanos = nowNanos;
    }
  }

  PeerHealth(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  private State state(String peer) {
    State state = peers.get(peer);
    if (state == null) {
      state = new State(nanoTime.getAsLong());
      peers.put(peer, state);
      if (peers.size() > MAX_PEERS) {
        peers.remove(peers.keySet().iterator().next());
      }
    }
    return state;
  }

  /** Whether the peer is to be left alone now. */
  synchronized boolean isAvoided(String peer) {
    State state = peers.get(peer);
    if (state == null || !state.avoided) {
      return false;
    }
    if (nanoTime.getAsLong() - state.avoidUntilNanos >= 0) {
      state.avoided = false;
      state.shutOut = false;
    }
    return state.avoided;
  }

  /** The lower, the sooner it is asked: its latency, for each transfer that it is at, and one. */
  synchronized double cost(String peer) {
    State state = peers.get(peer);
    if (state == null) {
      return UNKNOWN_LATENCY_NANOS;
    }
    long now = nanoTime.getAsLong();
    double latency = latency(state, now) + state.penaltyNanos * remembered(state, now);
    boolean busy = state.busy && now - state.busyUntilNanos < 0;
    return latency * (1 + state.transfers) + (busy ? BUSY_COST_NANOS : 0);
  }

  /** Which part of what is known still counts. */
  private static double remembered(State state, long nowNanos) {
    return Math.pow(0.5, (nowNanos - state.newsNanos) / HALF_LIFE_NANOS);
  }

  private static double latency(State state, long nowNanos) {
    return Double.isNaN(state.latencyNanos)
        ? UNKNOWN_LATENCY_NANOS
        : UNKNOWN_LATENCY_NANOS
            + (state.latencyNanos - UNKNOWN_LATENCY_NANOS) * remembered(state, nowNanos);
  }

  /** Forgets what is to be forgotten by now. */
  private void age(State state) {
    long now = nanoTime.getAsLong();
    if (!Double.isNaN(state.latencyNanos)) {
      state.latencyNanos = latency(state, now);
    }
    state.penaltyNanos *= remembered(state, now);
    state.newsNanos = now;
  }

  /** How long an answer of the peer's may take before another peer is asked as well. */
  synchronized Duration patience(String peer) {
    State state = peers.get(peer);
    if (state == null || Double.isNaN(state.latencyNanos)) {
      return UNKNOWN_PATIENCE;
    }
    double nanos = state.latencyNanos + PATIENCE_DEVIATIONS * state.deviationNanos;
    return Duration.ofNanos(Math.clamp((long) nanos, MIN_PATIENCE_NANOS, MAX_PATIENCE_NANOS));
  }

  /** The peer has answered, and well, after that time. */
  synchronized void answered(String peer, long nanos) {
    State state = state(peer);
    age(state);
    if (Double.isNaN(state.latencyNanos)) {
      state.latencyNanos = nanos;
      state.deviationNanos = nanos / 2.0;
    } else {
      double off = Math.abs(nanos - state.latencyNanos);
      state.deviationNanos += DEVIATION_GAIN * (off - state.deviationNanos);
      state.latencyNanos += LATENCY_GAIN * (nanos - state.latencyNanos);
    }
    state.failures = 0;
    state.penaltyNanos = 0;
  }

  private void penalise(State state, double nanos) {
    age(state);
    state.penaltyNanos = Math.max(state.penaltyNanos, nanos);
  }

  /** Nobody waits any more for an answer of the peer's, for which so long was not enough. */
  synchronized void outpaced(String peer, long nanos) {
    State state = state(peer);
    double expected = Double.isNaN(state.latencyNanos) ? 0 : state.latencyNanos;
    if (nanos > expected) {
      penalise(state, nanos - expected);
    }
  }

  /** The peer was too late, and yet it is there, since blobs come from it. */
  synchronized void late(String peer) {
    penalise(state(peer), FAILURE_NANOS);
  }

  /**
   * The peer could not be reached, stalled, or made no sense: left alone, each time for longer.
   * What fails while it is left alone was asked before, and failed of the same cause.
   */
  synchronized void failed(String peer) {
    State state = state(peer);
    state.totalFailures++;
    if (!isAvoided(peer)) {
      state.failures++;
    }
    penalise(state, FAILURE_NANOS);
    int doublings = Math.clamp(state.failures - 1, 0, MAX_BACKOFF_DOUBLINGS);
    avoid(state, FIRST_BACKOFF_NANOS << doublings);
  }

  /** The peer said that it has enough to do: for a moment it is asked after all others. */
  synchronized void busy(String peer) {
    State state = state(peer);
    state.busy = true;
    state.busyUntilNanos = nanoTime.getAsLong() + BUSY_NANOS;
  }

  /** The peer gave wrong content; returns whether that is news, and not known of it already. */
  synchronized boolean shutOut(String peer) {
    State state = state(peer);
    boolean known = state.shutOut && isAvoided(peer);
    if (!known) {
      state.shutOut = true;
      state.totalFailures++;
      avoid(state, SHUT_OUT_NANOS);
    }
    return !known;
  }

  private void avoid(State state, long nanos) {
    long until = nanoTime.getAsLong() + nanos;
    if (!state.avoided || until - state.avoidUntilNanos > 0) {
      state.avoidUntilNanos = until;
    }
    state.avoided = true;
  }

  /** Counts the bytes of blobs that have come from the peer, by all transfers. */
  synchronized ReceivedBytes received(String peer) {
    return state(peer).received;
  }

  /** Whether blobs are coming from the peer just now, and not in drops. */
  synchronized boolean isSending(String peer) {
    State state = peers.get(peer);
    return state != null && state.received.isFlowing(nanoTime.getAsLong());
  }

  /** The peer begins to send a blob. */
  synchronized void transferBegan(String peer) {
    state(peer).transfers++;
  }

  /** Whether the peer is sending us a blob now. */
  synchronized boolean isAtWork(String peer) {
    State state = peers.get(peer);
    return state != null && state.transfers > 0;
  }

  /** It has ended, after so many bytes and so much time. */
  synchronized void transferEnded(String peer, long bytes, long nanos) {
    State state = peers.get(peer);
    if (state != null && state.transfers > 0) {
      state.transfers--;
    }
    if (bytes >= MIN_RATED_BYTES && nanos > 0) {
      double rate = bytes * 1e9 / nanos;
      usualBytesPerSecond +=
          usualBytesPerSecond == 0 ? rate : RATE_GAIN * (rate - usualBytesPerSecond);
    }
  }

  /** What peers usually give; 0 when it is not known. */
  synchronized long usualBytesPerSecond() {
    return (long) usualBytesPerSecond;
  }

  /** All peers that are remembered. */
  synchronized List<PeerReport> report() {
    List<PeerReport> all = new ArrayList<>(peers.size());
    long now = nanoTime.getAsLong();
    peers.forEach(
        (peer, state) ->
            all.add(
                new PeerReport(
                    peer,
                    Double.isNaN(state.latencyNanos)
                        ? null
                        : Duration.ofNanos((long) state.latencyNanos),
                    state.transfers,
                    state.totalFailures,
                    state.avoided && now - state.avoidUntilNanos < 0)));
    return all;
  }
}
