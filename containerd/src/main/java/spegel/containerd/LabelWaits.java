package spegel.containerd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import spegel.oci.Digest;

/**
 * Content that has arrived without a label saying where from. containerd sets it just after the
 * content, and without an event, so it is looked for a few times.
 */
final class LabelWaits {
  /** More than this at a time is left to the next full listing. */
  static final int MAX_WAITING = 4096;

  private record Wait(long dueNanos, int checks) {}

  private final Timings timings;
  private final Map<Digest, Wait> waits = new LinkedHashMap<>();

  LabelWaits(Timings timings) {
    this.timings = timings;
  }

  /** The content has no label as of now: look again, unless that has been done often enough. */
  void missing(Digest digest, long nowNanos) {
    Wait former = waits.remove(digest);
    int checks = former == null ? 0 : former.checks();
    if (checks < timings.labelChecks() && waits.size() < MAX_WAITING) {
      long waitMillis = timings.minLabelWaitMillis() << checks;
      waits.put(digest, new Wait(nowNanos + TimeUnit.MILLISECONDS.toNanos(waitMillis), checks + 1));
    }
  }

  /** The content has its label, or is gone. */
  void done(Digest digest) {
    waits.remove(digest);
  }

  /** Those to look at now; {@link #missing} or {@link #done} is to be called for each. */
  List<Digest> due(long nowNanos) {
    List<Digest> due = new ArrayList<>();
    waits.forEach(
        (digest, wait) -> {
          if (wait.dueNanos() - nowNanos <= 0) {
            due.add(digest);
          }
        });
    return due;
  }

  /** Nanoseconds until one is due; at most {@code maxNanos}. */
  long untilDueNanos(long nowNanos, long maxNanos) {
    long least = maxNanos;
    for (Wait wait : waits.values()) {
      least = Math.min(least, wait.dueNanos() - nowNanos);
    }
    return Math.max(0, least);
  }
}
