package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of a process, in KiB.
 *
 * @param residentKib what it has of all pages, shared ones too
 * @param anonymousKib what of that is no file's
 * @param peakKib the most that was resident
 */
public record ProcessMemory(long residentKib, long anonymousKib, long peakKib) {
  /** As it is now: proc(5), smaps_rollup and status. */
  public static ProcessMemory of(long pid) {
    Path folder = Path.of("/proc", Long.toString(pid));
    return new ProcessMemory(
        kib(folder.resolve("smaps_rollup"), "Rss:"),
        kib(folder.resolve("smaps_rollup"), "Anonymous:"),
        kib(folder.resolve("status"), "VmHWM:"));
  }

  private static long kib(Path file, String field) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(field))
          .map(line -> line.substring(field.length()).replace("kB", "").strip())
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + field + " in " + file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
