package spegel.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the tests have measured, a line for each: printed, and added to the file that the system
 * property {@code spegel.report} names, for {@code e2e/soak} to sum up.
 */
final class Report {
  private static final String FILE = System.getProperty("spegel.report", "");

  private Report() {}

  /** Fields are parted by tabs: what was tried first, then {@code name=value}. */
  static synchronized void line(String tried, String... measured) {
    String line = tried + "\t" + String.join("\t", measured);
    System.out.println(line.replace("\t", "  "));
    if (!FILE.isEmpty()) {
      try {
        Files.writeString(
            Path.of(FILE), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
