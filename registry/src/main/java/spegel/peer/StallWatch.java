package spegel.peer;

import java.util.Optional;

/**
 * Tells whether a peer has stalled. Its clock runs only while the relay waits for the peer and has
 * nothing left for the client. Where connections share a link that is full, one of them may starve
 * for a while: a peer that meanwhile gives enough by the others is excused, for a bounded time.
 */
final class StallWatch {
  /** Silences and windows in a row for which a peer may be excused. */
  private static final int MAX_EXCUSES = 4;

  private static final long MIN_LOOK_MILLIS = 5;
  private static final long MAX_LOOK_MILLIS = 1_000;

  /** All that has come from the peer, by this relay and by others. */
  private final ReceivedBytes fromPeer;

  private final RelayLimits limits;
  private long windowStartNanos;
  private long windowBytes;
  private long windowPeerBytes;
  private long windowWaitNanos;

  /** When the present wait began; meaningful while {@link #waiting}. */
  private long waitStartNanos;

  private long waitPeerBytes;
  private boolean waiting;
  private int excusedWindows;

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
    excusedWindows = 0;
    window(nowNanos);
  }

  /** How often to ask for a verdict. */
  long lookMillis() {
    return Math.clamp(
        Math.min(limits.silence().toMillis(), limits.window().toMillis()) / 4,
        MIN_LOOK_MILLIS,
        MAX_LOOK_MILLIS);
  }

  private void window(long nowNanos) {
    windowStartNanos = nowNanos;
    windowBytes = 0;
    windowWaitNanos = 0;
    windowPeerBytes = fromPeer.total();
  }

  /** The relay has to wait for the peer now. */
  void waits(long nowNanos) {
    if (!waiting) {
      waiting = true;
      waitStartNanos = nowNanos;
      waitPeerBytes = fromPeer.total();
    }
  }

  /** The peer sent something. */
  void arrived(int bytes, long nowNanos) {
    windowBytes += bytes;
    fromPeer.add(bytes, nowNanos);
    if (waiting) {
      waiting = false;
      windowWaitNanos += waitedInWindow(nowNanos);
    }
  }

  /** For how much of this window the present wait has lasted. */
  private long waitedInWindow(long nowNanos) {
    return Math.min(nowNanos - waitStartNanos, nowNanos - windowStartNanos);
  }

  /** Why the peer counts as stalled, when it does. */
  Optional<String> verdict(long nowNanos) {
    long silenceNanos = limits.silence().toNanos();
    if (waiting && nowNanos - waitStartNanos >= silenceNanos) {
      long silentNanos = nowNanos - waitStartNanos;
      if (silentNanos >= (1 + MAX_EXCUSES) * silenceNanos
          || !isEnough(fromPeer.total() - waitPeerBytes, silentNanos)) {
        return Optional.of("no byte for " + limits.silence().toMillis() + " ms");
      }
    }
    long lookedAtNanos = nowNanos - windowStartNanos;
    if (lookedAtNanos < limits.window().toNanos()) {
      return Optional.empty();
    }
    long waitedNanos = windowWaitNanos + (waiting ? waitedInWindow(nowNanos) : 0);
    // A window in which the client was the slower one most of the time says nothing of the peer.
    boolean tooSlow =
        limits.minBytesPerSecond() > 0
            && waitedNanos > lookedAtNanos / 2
            && !isEnough(windowBytes, waitedNanos);
    boolean excused =
        tooSlow
            && excusedWindows < MAX_EXCUSES
            && isEnough(fromPeer.total() - windowPeerBytes, lookedAtNanos);
    excusedWindows = excused ? excusedWindows + 1 : 0;
    long bytesPerSecond = bytesPerSecond(windowBytes, waitedNanos);
    window(nowNanos);
    return tooSlow && !excused ? Optional.of(bytesPerSecond + " bytes a second") : Optional.empty();
  }

  private boolean isEnough(long bytes, long nanos) {
    return bytes > 0 && bytesPerSecond(bytes, nanos) >= limits.minBytesPerSecond();
  }

  private static long bytesPerSecond(long bytes, long nanos) {
    return (long) (bytes * 1e9 / Math.max(1, nanos));
  }
}
