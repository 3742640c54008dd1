package spegel.peer;

import java.util.Optional;

/**
 * Tells whether a peer has stalled. Its clock runs only while the relay waits for the peer and has
 * nothing left for the client.
 */
final class StallWatch {
  private final RelayLimits limits;
  private long windowStartNanos;
  private long windowBytes;
  private long windowWaitNanos;

  /** When the present wait began; meaningful while {@link #waiting}. */
  private long waitStartNanos;

  private boolean waiting;

  StallWatch(RelayLimits limits) {
    this.limits = limits;
  }

  /** Begins anew, with another peer. */
  void begin(long nowNanos) {
    waiting = false;
    window(nowNanos);
  }

  private void window(long nowNanos) {
    windowStartNanos = nowNanos;
    windowBytes = 0;
    windowWaitNanos = 0;
  }

  /** The relay has to wait for the peer now. */
  void waits(long nowNanos) {
    if (!waiting) {
      waiting = true;
      waitStartNanos = nowNanos;
    }
  }

  /** The peer sent something. */
  void arrived(int bytes, long nowNanos) {
    windowBytes += bytes;
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
    if (waiting && nowNanos - waitStartNanos >= limits.silence().toNanos()) {
      return Optional.of("no byte for " + limits.silence().toMillis() + " ms");
    }
    long lookedAtNanos = nowNanos - windowStartNanos;
    if (lookedAtNanos < limits.window().toNanos()) {
      return Optional.empty();
    }
    long waitedNanos = windowWaitNanos + (waiting ? waitedInWindow(nowNanos) : 0);
    double bytesPerSecond = windowBytes * 1e9 / Math.max(1, waitedNanos);
    // A window in which the client was the slower one most of the time says nothing of the peer.
    boolean tooSlow =
        waitedNanos > lookedAtNanos / 2 && bytesPerSecond < limits.minBytesPerSecond();
    window(nowNanos);
    return tooSlow
        ? Optional.of("%d bytes a second".formatted((long) bytesPerSecond))
        : Optional.empty();
  }
}
