package spegel.peer;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells whether a peer has stalled. Its clock runs only while the relay waits for the peer and has
 * nothing left for the client. Where connections share a link that is full, one of them may starve
 * for a while: a peer that meanwhile gives enough by the others is excused, for a bounded time.
 */
final class StallWatch {
  /** Silences and windows in a row for which a peer may be excused. */
  private static final int MAX_EXCUSES = 4;

  private final RelayLimits limits;

  /** All that has come from the peer, by this relay and by others. */
  private AtomicLong fromPeer = new AtomicLong();

  private long windowStartNanos;
  private long windowBytes;
  private long windowPeerBytes;
  private long windowWaitNanos;

  /** When the present wait began; meaningful while {@link #waiting}. */
  private long waitStartNanos;

  private long waitPeerBytes;
  private boolean waiting;
  private int excusedWindows;

  StallWatch(RelayLimits limits) {
    this.limits = limits;
  }

  /**
   * Begins anew, with another peer.
   *
   * @param fromPeer counts the bytes of all relays from that peer
   */
  void begin(long nowNanos, AtomicLong fromPeer) {
    this.fromPeer = fromPeer;
    waiting = false;
    excusedWindows = 0;
    window(nowNanos);
  }

  private void window(long nowNanos) {
    windowStartNanos = nowNanos;
    windowBytes = 0;
    windowWaitNanos = 0;
    windowPeerBytes = fromPeer.get();
  }

  /** The relay has to wait for the peer now. */
  void waits(long nowNanos) {
    if (!waiting) {
      waiting = true;
      waitStartNanos = nowNanos;
      waitPeerBytes = fromPeer.get();
    }
  }

  /** The peer sent something. */
  void arrived(int bytes, long nowNanos) {
    windowBytes += bytes;
    fromPeer.addAndGet(bytes);
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
          || !isEnough(fromPeer.get() - waitPeerBytes, silentNanos)) {
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
            && isEnough(fromPeer.get() - windowPeerBytes, lookedAtNanos);
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
