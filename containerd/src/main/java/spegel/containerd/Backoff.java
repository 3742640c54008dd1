package spegel.containerd;

import java.util.random.RandomGenerator;

/** How long to wait before the next attempt: doubled each time, less up to half by chance. */
final class Backoff {
  private final long minMillis;
  private final long maxMillis;
  private final RandomGenerator random;
  private long nextMillis;

  Backoff(long minMillis, long maxMillis, RandomGenerator random) {
    this.minMillis = minMillis;
    this.maxMillis = maxMillis;
    this.random = random;
    nextMillis = minMillis;
  }

  /** An attempt has succeeded: the next failure begins anew. */
  void reset() {
    nextMillis = minMillis;
  }

  /** Milliseconds to wait after an attempt has failed; at least half the minimum. */
  long nextMillis() {
    long bound = nextMillis;
    nextMillis = Math.min(maxMillis, bound * 2);
    return bound - random.nextLong(bound / 2 + 1);
  }
}
