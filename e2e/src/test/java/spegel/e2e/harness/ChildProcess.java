package spegel.e2e.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program that runs beside the tests; its standard output and error go to a file, unless it is
 * one to talk with.
 */
public final class ChildProcess implements AutoCloseable {
  private static final Duration STOP_WITHIN = Duration.ofSeconds(35);
  private static final ConcurrentLinkedQueue<ChildProcess> STARTED = new ConcurrentLinkedQueue<>();

  private final String name;
  private final Path log;
  private final Process process;

  private ChildProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /** Starts the program with the environment given added to a plain one. */
  public static ChildProcess start(
      String name, Path log, Map<String, String> environment, List<String> command) {
    return start(
        name,
        log,
        environment,
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())));
  }

  /**
   * Starts a program whose standard input and output are a conversation; its standard error goes to
   * the file.
   */
  public static ChildProcess converse(String name, Path log, List<String> command) {
    return start(
        name,
        log,
        Map.of(),
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())));
  }

  private static ChildProcess start(
      String name, Path log, Map<String, String> environment, ProcessBuilder builder) {
    // Flags have environment variables: those of whoever runs the tests must not reach the program.
    builder.environment().keySet().retainAll(List.of("PATH", "HOME", "JAVA_HOME", "LANG"));
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      RunFolder.current().remember(process);
      ChildProcess child = new ChildProcess(name, log, process);
      STARTED.add(child);
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException("starting " + name, e);
    }
  }

  /** Leaves out of {@link #started} from now on what does not run any more. */
  static void forgetEnded() {
    STARTED.removeIf(child -> !child.alive());
  }

  /** All that were started in this run and not forgotten, in their order. */
  static List<ChildProcess> started() {
    return List.copyOf(STARTED);
  }

  /** What it is, for messages. */
  String name() {
    return name;
  }

  /**
   * Whether it answers 200 at the path, which it does not before it listens; an {@link
   * AssertionError} when it has ended.
   */
  public boolean answers(RegistryClient client, String path) {
    if (!alive()) {
      throw new AssertionError("%s ended: %s".formatted(name, tail(4 << 10)));
    }
    return client.answers(path);
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether it runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** What it reads, line by line; only of one to talk with. */
  public BufferedWriter input() {
    return process.outputWriter(StandardCharsets.UTF_8);
  }

  /** What it answers, line by line; only of one to talk with. */
  public BufferedReader output() {
    return process.inputReader(StandardCharsets.UTF_8);
  }

  /** The file that its output goes to. */
  public Path log() {
    return log;
  }

  /** Sends SIGTERM and returns at once. */
  public void terminate() {
    process.destroy();
  }

  /** Sends SIGKILL and waits for the end. */
  public void kill() {
    process.destroyForcibly();
    awaitExit(Duration.ofSeconds(10));
  }

  /** The exit code, once it has ended; an {@link AssertionError} when it does not in time. */
  public int awaitExit(Duration atMost) {
    try {
      if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("%s is still running after %s".formatted(name, atMost));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the end of " + name, e);
    }
  }

  /** The end of its output, at most so many bytes. */
  public String tail(int maxBytes) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - maxBytes);
      file.seek(from);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(no log: " + e + ")";
    }
  }

  /** Asks it to end, and ends it when it does not. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
