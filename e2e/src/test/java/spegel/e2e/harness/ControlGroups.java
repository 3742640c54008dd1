package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Control groups that others fill, in all hierarchies; their names carry the run's id. */
public final class ControlGroups {
  private static final String PREFIX = "spegel-e2e-";

  /** What was killed takes a moment to leave its group. */
  private static final Duration EMPTY_WITHIN = Duration.ofSeconds(20);

  /** Removes groups of such a name from within, in either version; succeeds when none is left. */
  private static final String REMOVE =
      """
      for group in /sys/fs/cgroup/$0 /sys/fs/cgroup/*/$0; do
        [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + || exit 1
      done
      """;

  /** Kills what is in groups of such a name, and removes them once it has left. */
  private static final String KILL_AND_REMOVE =
      """
      for group in /sys/fs/cgroup/$0 /sys/fs/cgroup/*/$0; do
        [ ! -d "$group" ] || find "$group" -name cgroup.procs -exec cat {} + | xargs -r kill -9
      done
      for attempt in $(seq 40); do
        (
          %s
        ) && exit
        sleep 0.5
      done
      """
          .formatted(REMOVE);

  private ControlGroups() {}

  /** The name of one of this run. */
  public static String name(String of) {
    return prefix(RunFolder.runId()) + of;
  }

  /** Removes the group of that name, once its processes have ended. */
  public static void remove(String name) {
    Await.until(
        "no control group " + name,
        EMPTY_WITHIN,
        () -> Command.run("sh", "-c", REMOVE, name).exitCode() == 0);
  }

  /** How many processes of the group the kernel has killed for want of memory. */
  static long memoryKills(String name) {
    Path version1 = Path.of("/sys/fs/cgroup/memory", name, "memory.oom_control");
    Path version2 = Path.of("/sys/fs/cgroup", name, "memory.events");
    Path file = Files.exists(version1) ? version1 : version2;
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith("oom_kill "))
          .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
          .findFirst()
          .orElseThrow(() -> new AssertionError(file + " does not count kills"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes what a run has left, and what runs in it. */
  static void removeOf(long runId) {
    RunFolder.runQuietly("sh", "-c", KILL_AND_REMOVE, prefix(runId) + "*");
  }

  /** Whether there is one hierarchy, that of version 2. */
  static boolean unified() {
    return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
  }

  private static String prefix(long runId) {
    return PREFIX + runId + "-";
  }
}
