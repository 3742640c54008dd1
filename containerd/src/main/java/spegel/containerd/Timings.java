package spegel.containerd;

import java.util.concurrent.TimeUnit;

/**
 * When the store does what nobody asked it for.
 *
 * @param relistMillis between full listings
 * @param confirmMillis from the first listing of a connection to the second, which finds what
 *     happened before containerd had taken note of the subscription
 * @param minBackoffMillis before the first attempt to connect again
 * @param maxBackoffMillis before a later one
 * @param minLabelWaitMillis before content that has no source label is looked at again; doubled
 *     each time
 * @param labelChecks how often it is looked at again
 */
record Timings(
    long relistMillis,
    long confirmMillis,
    long minBackoffMillis,
    long maxBackoffMillis,
    long minLabelWaitMillis,
    int labelChecks) {

  /** The last look for a label is after 10 ms × (2^12 - 1), 41 s. */
  static final Timings DEFAULT =
      new Timings(TimeUnit.MINUTES.toMillis(15), 2_000, 50, 10_000, 10, 12);
}
