package spegel.e2e.harness;

import java.time.Duration;

/** Control groups that others fill, in all hierarchies; their names carry the run's id. */
public final class ControlGroups {
  private static final String PREFIX = "spegel-e2e-";

  /** What was killed takes a moment to leave its group. */
  private static final Duration EMPTY_WITHIN = Duration.ofSeconds(20);

  /** Removes groups from within, in either version; succeeds when none is left. */
  private static final String REMOVE =
      """
      for group in /sys/fs/cgroup/"$0"* /sys/fs/cgroup/*/"$0"*; do
        [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + || exit 1
      done
      """;

  private ControlGroups() {}

  /** The name of one of this run. */
  public static String name(String of) {
    return prefix(RunFolder.runId()) + of;
  }

  /** Removes the groups whose names begin so, once their processes have ended. */
  public static void remove(String name) {
    Await.until(
        "no control group " + name,
        EMPTY_WITHIN,
        () -> Command.run("sh", "-c", REMOVE, name).exitCode() == 0);
  }

  /** Removes what a run has left, as far as no process is in it. */
  static void removeOf(long runId) {
    RunFolder.runQuietly("sh", "-c", REMOVE, prefix(runId));
  }

  private static String prefix(long runId) {
    return PREFIX + runId + "-";
  }
}
