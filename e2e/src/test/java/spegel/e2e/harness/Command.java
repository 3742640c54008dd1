package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
public final class Command {
  private static final Duration AT_MOST = Duration.ofSeconds(60);

  private Command() {}

  /**
   * What a program left.
   *
   * @param exitCode 0 when it went well
   * @param output standard output and standard error, in their order
   */
  public record Outcome(List<String> command, int exitCode, String output) {
    /** This outcome, when the program exited with 0; else an {@link AssertionError}. */
    public Outcome orFail() {
      if (exitCode != 0) {
        throw new AssertionError(
            "exit code %d of %s:%n%s".formatted(exitCode, String.join(" ", command), output));
      }
      return this;
    }

    /** The lines of the output that are not blank. */
    public List<String> lines() {
      return output.lines().filter(line -> !line.isBlank()).toList();
    }
  }

  /** Runs the program, for at most a minute, in this process's environment. */
  public static Outcome run(String... command) {
    return run(List.of(command));
  }

  /** Runs the program, for at most a minute, in this process's environment. */
  public static Outcome run(List<String> command) {
    return run(AT_MOST, command);
  }

  /** Runs the program, for at most that long, in this process's environment. */
  public static Outcome run(Duration atMost, List<String> command) {
    try {
      // A file takes any amount of output without a thread that reads.
      Path output = Files.createTempFile(RunFolder.current().path(), "output", "");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
          throw new AssertionError(
              "still running after %s: %s%n%s"
                  .formatted(atMost, command, Files.readString(output)));
        }
        return new Outcome(command, process.exitValue(), Files.readString(output));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("running " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + command, e);
    }
  }
}
