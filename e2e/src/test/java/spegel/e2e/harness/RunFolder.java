package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The folder of one run of the tests, and what is known of its processes. Its name carries this
 * process's id, and so do the names of all that cannot lie in a folder (network namespaces, links,
 * control groups), so that what belongs to a run which is no more can be told and taken away: when
 * the run was killed, the next one does it.
 */
public final class RunFolder {
  private static final String PREFIX = "spegel-e2e-";
  private static final Path ROOT = Path.of("/tmp");
  private static final String PROCESSES = "processes";
  private static final RunFolder CURRENT = open();

  private final Path path;
  private final AtomicInteger folders = new AtomicInteger();

  private RunFolder(Path path) {
    this.path = path;
  }

  /** The folder of this run. */
  public static RunFolder current() {
    return CURRENT;
  }

  /** The id of this run, part of all its names: the process id. */
  static long runId() {
    return ProcessHandle.current().pid();
  }

  Path path() {
    return path;
  }

  /** A new empty folder whose name tells what it is for. */
  public Path newFolder(String name) {
    try {
      return Files.createDirectory(path.resolve(folders.incrementAndGet() + "-" + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Records a process, so that it can be stopped even when this run does not live to do it. */
  void remember(Process process) {
    try {
      Files.writeString(
          path.resolve(PROCESSES),
          identity(process.toHandle()) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RunFolder open() {
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(ROOT, PREFIX + "*")) {
      for (Path run : runs) {
        removeWhenStale(run);
      }
      Path path = ROOT.resolve(PREFIX + runId());
      Files.createDirectory(path);
      RunFolder folder = new RunFolder(path);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(path, runId()), "clean-up"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeWhenStale(Path run) throws IOException {
    String id = run.getFileName().toString().substring(PREFIX.length());
    if (!id.matches("[0-9]{1,10}")) {
      return;
    }
    Optional<ProcessHandle> owner = ProcessHandle.of(Long.parseLong(id));
    Instant created = Files.getLastModifiedTime(run).toInstant();
    // A process that began after the folder was last touched only has the owner's number.
    boolean stale =
        owner.isEmpty()
            || owner.get().pid() == runId()
            || owner.get().info().startInstant().map(created::isBefore).orElse(false);
    if (stale) {
      remove(run, Long.parseLong(id));
    }
  }

  private static void remove(Path run, long runId) {
    try {
      stopProcesses(run);
      NetworkNamespace.removeAll(runId);
      SlowDevice.removeCgroups(runId);
      ControlGroups.removeOf(runId);
      for (String mount : mountsBelow(run)) {
        runQuietly("umount", "--lazy", mount);
      }
      deleteTree(run);
    } catch (IOException e) {
      System.err.println("cannot clean up " + run + ": " + e);
    }
  }

  private static void stopProcesses(Path run) throws IOException {
    Path processes = run.resolve(PROCESSES);
    if (!Files.exists(processes)) {
      return;
    }
    for (String line : Files.readAllLines(processes)) {
      long pid = Long.parseLong(line.substring(0, line.indexOf(' ')));
      ProcessHandle.of(pid)
          .filter(handle -> identity(handle).equals(line))
          .ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** The process's id and when it began: an id alone may be another process's by now. */
  private static String identity(ProcessHandle handle) {
    return handle.pid() + " " + handle.info().startInstant().map(Instant::toString).orElse("-");
  }

  private static List<String> mountsBelow(Path run) throws IOException {
    List<String> mounts = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
      String mountPoint = line.split(" ", 3)[1];
      if (mountPoint.startsWith(run + "/")) {
        mounts.addFirst(mountPoint);
      }
    }
    return mounts;
  }

  static void deleteTree(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Runs a command of the clean-up and returns its output; it may find nothing left to do. */
  static List<String> runQuietly(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      List<String> lines = process.inputReader().lines().toList();
      process.waitFor();
      return lines;
    } catch (IOException e) {
      System.err.println("cannot run " + String.join(" ", command) + ": " + e);
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
