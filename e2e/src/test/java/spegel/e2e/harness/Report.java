package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a test has measured: a line that is printed, and added to the file that the system property
 * {@code spegel.report} names, for {@code e2e/soak} or {@code bench/run} to sum up.
 */
public final class Report {
  private static final String FILE = System.getProperty("spegel.report", "");

  private final String tried;
  private final Map<String, Object> measured = new LinkedHashMap<>();

  /** A report on what was tried; that of a soak ends with the seed. */
  public Report(String tried) {
    this.tried = tried;
  }

  /** Adds something that was measured. */
  public Report with(String name, Object value) {
    measured.put(name, value);
    return this;
  }

  /** Checks what was measured, and reports it whether it is as promised or not. */
  public void check(Runnable assertions) {
    String result = "failed";
    try {
      assertions.run();
      result = "ok";
    } finally {
      with("result", result).write();
    }
  }

  /** Reports what was measured, which nothing is promised of. */
  public void write() {
    String line =
        measured.entrySet().stream()
            .map(field -> "\t" + field.getKey() + "=" + field.getValue())
            .collect(Collectors.joining("", tried, "\n"));
    System.out.print(line.replace("\t", "  "));
    if (!FILE.isEmpty()) {
      append(line);
    }
  }

  private static synchronized void append(String line) {
    try {
      Files.writeString(Path.of(FILE), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
