package spegel.peer;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Tells whether a peer has stalled. Its clock runs only while the relay waits for the peer and has
 * nothing left for the client. Where connections share a link that is full, one of them may starve
 * for a while: a peer that meanwhile gives enough by the others is excused, for a bounded time.
 */
final class StallWatch {
  /** Silences and windows in a row for which a peer may be excused. */
  private static final int MAX_EXCUSES = 4;

  /** Into which a window may be cut; each verdict ends one. */
  private static final int MAX_SLICES = 8;

  private static final int LOOKS_PER_WINDOW = 4;

  private static final long MIN_LOOK_MILLIS = 5;
  private static final long MAX_LOOK_MILLIS = 1_000;

  /** All that has come from the peer, by this relay and by others. */
  private final ReceivedBytes fromPeer;

  private final RelayLimits limits;
  // The latest slices of time, which together are the window; the newest one last.
  private final long[] nanos = new long[MAX_SLICES];
  private final long[] waitedNanos = new long[MAX_SLICES];
  private final long[] bytes = new long[MAX_SLICES];
  private final long[] peerBytes = new long[MAX_SLICES];
  private int slices;

  // The slice that is not over.
  private long sliceStartNanos;
  private long sliceWaitedNanos;
  private long sliceBytes;
  private long slicePeerTotal;

  /** When the present wait began; meaningful while {@link #waiting}. */
  private long waitStartNanos;

  private long waitPeerTotal;
  private boolean waiting;

  /** Since when the peer is excused; meaningful while {@link #excused}. */
  private long excusedSinceNanos;

  private boolean excused;

  /**
   * @param fromPeer counts the bytes of all relays from the peer
   */
  StallWatch(ReceivedBytes fromPeer, RelayLimits limits) {
    this.fromPeer = fromPeer;
    this.limits = limits;
  }

  /** The relay begins to take from the peer. */
  void begin(long nowNanos) {
    waiting = false;
    excused = false;
    slices = 0;
    beginSlice(nowNanos);
  }

  private void beginSlice(long nowNanos) {
    sliceStartNanos = nowNanos;
    sliceWaitedNanos = 0;
    sliceBytes = 0;
    slicePeerTotal = fromPeer.total();
  }

  /** How often to ask for a verdict. */
  long lookMillis() {
    return Math.clamp(
        Math.min(limits.silence().toMillis(), limits.window().toMillis()) / LOOKS_PER_WINDOW,
        MIN_LOOK_MILLIS,
        MAX_LOOK_MILLIS);
  }

  /** The relay has to wait for the peer now. */
  void waits(long nowNanos) {
    if (!waiting) {
      waiting = true;
      waitStartNanos = nowNanos;
      waitPeerTotal = fromPeer.total();
    }
  }

  /** The peer sent something. */
  void arrived(int count, long nowNanos) {
    sliceBytes += count;
    fromPeer.add(count, nowNanos);
    if (waiting) {
      waiting = false;
      sliceWaitedNanos += waitedInSlice(nowNanos);
    }
  }

  /** For how much of this slice the present wait has lasted. */
  private long waitedInSlice(long nowNanos) {
    return Math.min(nowNanos - waitStartNanos, nowNanos - sliceStartNanos);
  }

  /** Why the peer counts as stalled, when it does. */
  Optional<String> verdict(long nowNanos) {
    endSlice(nowNanos);
    return silence(nowNanos).or(() -> slowness(nowNanos));
  }

  /** Adds the slice to the window, and takes from it what is older. */
  private void endSlice(long nowNanos) {
    if (nowNanos - sliceStartNanos < limits.window().toNanos() / MAX_SLICES) {
      // Of looks that come at once, since the loop had no time for them before.
      return;
    }
    if (slices == MAX_SLICES) {
      dropOldest();
    }
    nanos[slices] = nowNanos - sliceStartNanos;
    waitedNanos[slices] = sliceWaitedNanos + (waiting ? waitedInSlice(nowNanos) : 0);
    bytes[slices] = sliceBytes;
    peerBytes[slices] = fromPeer.total() - slicePeerTotal;
    slices++;
    while (sum(nanos) - nanos[0] >= limits.window().toNanos()) {
      dropOldest();
    }
    beginSlice(nowNanos);
  }

  private void dropOldest() {
    slices--;
    for (long[] of : List.of(nanos, waitedNanos, bytes, peerBytes)) {
      System.arraycopy(of, 1, of, 0, slices);
    }
  }

  private long sum(long[] of) {
    return Arrays.stream(of, 0, slices).sum();
  }

  private Optional<String> silence(long nowNanos) {
    long limit = limits.silence().toNanos();
    long silentNanos = nowNanos - waitStartNanos;
    if (!waiting || silentNanos < limit) {
      return Optional.empty();
    }
    boolean gives = isEnough(fromPeer.total() - waitPeerTotal, silentNanos);
    return gives && silentNanos < (1 + MAX_EXCUSES) * limit
        ? Optional.empty()
        : Optional.of("no byte for " + limits.silence().toMillis() + " ms");
  }

  private Optional<String> slowness(long nowNanos) {
    long window = limits.window().toNanos();
    long lookedAt = sum(nanos);
    long waited = sum(waitedNanos);
    // A window in which the client was the slower one most of the time says nothing of the peer.
    boolean tooSlow =
        limits.minBytesPerSecond() > 0
            && lookedAt >= window
            && waited > lookedAt / 2
            && !isEnough(sum(bytes), waited);
    if (!tooSlow) {
      excused = false;
      return Optional.empty();
    }
    if (!excused) {
      excused = true;
      excusedSinceNanos = nowNanos;
    }
    boolean gives = isEnough(sum(peerBytes), lookedAt);
    return gives && nowNanos - excusedSinceNanos < MAX_EXCUSES * window
        ? Optional.empty()
        : Optional.of(bytesPerSecond(sum(bytes), waited) + " bytes a second");
  }

  private boolean isEnough(long count, long overNanos) {
    return count > 0 && bytesPerSecond(count, overNanos) >= limits.minBytesPerSecond();
  }

  private static long bytesPerSecond(long count, long overNanos) {
    return (long) (count * 1e9 / Math.max(1, overNanos));
  }
}
