package spegel.peer;

import java.time.Duration;

/**
 * When a peer counts as stalled. Only time in which the client would have taken more counts: a slow
 * client is no fault of the peer's.
 *
 * @param silence without a byte
 * @param window over which the rate is looked at
 * @param minBytesPerSecond less than this over a window is a stall; 0 to never judge the rate
 */
public record RelayLimits(Duration silence, Duration window, long minBytesPerSecond) {
  public RelayLimits {
    if (silence.isNegative() || silence.isZero() || window.isNegative() || window.isZero()) {
      throw new IllegalArgumentException("time-outs are positive");
    }
    if (minBytesPerSecond < 0) {
      throw new IllegalArgumentException("a rate is not negative");
    }
  }
}
