package spegel.app.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The process as its operating system sees it, under the names that all Prometheus clients use, and
 * the JVM's heap. Read from Linux's proc file system; elsewhere those metrics are absent.
 */
final class ProcessMetrics {
  /** What Linux tells programs, whatever the kernel was built with (USER_HZ). */
  private static final double TICKS_PER_SECOND = 100;

  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final double KIBIBYTE = 1_024;

  // Fields of proc/PID/stat after the command's name, counted from 0 (proc_pid_stat(5)).
  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;

  /** A number that may be absent. */
  private interface Reading {
    OptionalDouble read() throws IOException;
  }

  private final Path proc;

  ProcessMetrics(Path proc) {
    this.proc = proc;
  }

  void register(PrometheusRegistry registry) {
    CounterWithCallback.builder()
        .name("process_cpu_seconds_total")
        .help("Total user and system CPU time spent in seconds.")
        .callback(callback -> orAbsent(this::cpuSeconds).ifPresent(callback::call))
        .register(registry);
    gauge(
        registry,
        "process_resident_memory_bytes",
        "Resident memory size in bytes.",
        () -> number("status", "VmRSS:", 1, KIBIBYTE));
    gauge(
        registry,
        "process_virtual_memory_bytes",
        "Virtual memory size in bytes.",
        () -> number("status", "VmSize:", 1, KIBIBYTE));
    gauge(registry, "process_open_fds", "Number of open file descriptors.", this::openFiles);
    gauge(
        registry,
        "process_max_fds",
        "Maximum number of open file descriptors.",
        () -> number("limits", "Max open files", 3, 1));
    double startSeconds =
        ProcessHandle.current()
            .info()
            .startInstant()
            .map(at -> at.toEpochMilli() / 1e3)
            .orElse(0.0);
    gauge(
        registry,
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        () -> OptionalDouble.of(startSeconds));
    Runtime runtime = Runtime.getRuntime();
    gauge(
        registry,
        "jvm_heap_used_bytes",
        "Bytes of the heap in use, garbage included.",
        () -> OptionalDouble.of((double) (runtime.totalMemory() - runtime.freeMemory())));
    gauge(
        registry,
        "jvm_heap_max_bytes",
        "Bytes that the heap may grow to.",
        () -> OptionalDouble.of((double) runtime.maxMemory()));
  }

  private static void gauge(
      PrometheusRegistry registry, String name, String help, Reading reading) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> orAbsent(reading).ifPresent(callback::call))
        .register(registry);
  }

  private static OptionalDouble orAbsent(Reading reading) {
    try {
      return reading.read();
    } catch (IOException e) {
      return OptionalDouble.empty(); // No such file system here: the metric has no value.
    }
  }

  private OptionalDouble cpuSeconds() throws IOException {
    return OptionalDouble.of((stat(USER_TICKS) + stat(SYSTEM_TICKS)) / TICKS_PER_SECOND);
  }

  private double stat(int field) throws IOException {
    String stat = Files.readString(proc.resolve("stat"));
    // The command's name is in parentheses and may contain any character.
    List<String> fields = BLANKS.splitAsStream(stat.substring(stat.lastIndexOf(')') + 2)).toList();
    return Double.parseDouble(fields.get(field));
  }

  private OptionalDouble openFiles() throws IOException {
    try (Stream<Path> files = Files.list(proc.resolve("fd"))) {
      return OptionalDouble.of((double) files.count());
    }
  }

  /** The number in a column of the line that begins so; absent when it is no number. */
  private OptionalDouble number(String file, String line, int column, double unit)
      throws IOException {
    try (Stream<String> lines = Files.lines(proc.resolve(file))) {
      return lines
          .filter(candidate -> candidate.startsWith(line))
          .map(found -> BLANKS.splitAsStream(found).toList().get(column))
          .filter(text -> text.chars().allMatch(Character::isDigit))
          .mapToDouble(text -> Double.parseDouble(text) * unit)
          .findFirst();
    }
  }
}
