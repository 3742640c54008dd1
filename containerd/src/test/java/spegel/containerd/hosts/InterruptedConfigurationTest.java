package spegel.containerd.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Interrupts both commands at each of their file operations in turn, and runs each command
 * afterwards: the user's files must be what they were, and ours complete or not there.
 */
class InterruptedConfigurationTest {
  private static final int MAX_OPERATIONS = 2000;

  private static final MirrorOptions OPTIONS =
      new MirrorOptions(
          List.of(
              MirroredRegistry.parse("https://docker.io"),
              MirroredRegistry.parse("http://reg.local:5000"),
              MirroredRegistry.parse("*")),
          List.of(RegistryUrl.parse("http://127.0.0.1:30020")),
          true,
          true,
          null);

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  /** What the user had, where nothing was interrupted, and what there is afterwards. */
  private Map<String, String> original = Map.of();

  private Map<String, String> configured = Map.of();

  /** A folder in memory where there is one: thousands of runs need not wait for a disk. */
  static final class MemoryFolder implements TempDirFactory {
    private static final Path MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(
        AnnotatedElementContext elementContext, ExtensionContext extensionContext)
        throws IOException {
      return Files.isWritable(MEMORY)
          ? Files.createTempDirectory(MEMORY, "hosts")
          : Files.createTempDirectory("hosts");
    }
  }

  private enum Start {
    /** Nothing was ever written. */
    PLAIN,
    /** The configuration was written, and has to be written again or cleaned up. */
    CONFIGURED
  }

  private enum Command {
    WRITE,
    CLEANUP;

    void run(MirrorConfiguration configuration) {
      switch (this) {
        case WRITE -> configuration.write(OPTIONS);
        case CLEANUP -> configuration.cleanup();
      }
    }
  }

  private record Case(Start start, Command command) {}

  @ParameterizedTest
  @EnumSource
  void write_canBeRunAgainOrUndone_whenFirstWriteIsInterrupted(FailingFiles.Failure failure)
      throws IOException {
    interruptEach(new Case(Start.PLAIN, Command.WRITE), failure);
  }

  @ParameterizedTest
  @EnumSource
  void write_canBeRunAgainOrUndone_whenLaterWriteIsInterrupted(FailingFiles.Failure failure)
      throws IOException {
    interruptEach(new Case(Start.CONFIGURED, Command.WRITE), failure);
  }

  @ParameterizedTest
  @EnumSource
  void cleanup_canBeRunAgainOrUndone_whenInterrupted(FailingFiles.Failure failure)
      throws IOException {
    interruptEach(new Case(Start.CONFIGURED, Command.CLEANUP), failure);
  }

  /** Two interruptions, one after the other: the second in what repairs the first. */
  @ParameterizedTest
  @EnumSource
  void cleanup_restoresAll_whenInterruptedAfterInterruptedWrite(FailingFiles.Failure failure)
      throws IOException {
    remember();
    int operations = count(new Case(Start.PLAIN, Command.WRITE), failure);
    int step = failure == FailingFiles.Failure.EXCEPTION ? 23 : 3;
    for (int first = 0; first < operations; first += step) {
      for (int second = 0; second < operations; second += step) {
        Path configPath = start(Start.PLAIN, "two");
        interrupt(configPath, first, failure, Command.WRITE);
        interrupt(configPath, second, failure, second % 2 == 0 ? Command.WRITE : Command.CLEANUP);
        requireNothingLost(configPath, first + ", " + second);
      }
    }
  }

  private void interruptEach(Case tested, FailingFiles.Failure failure) throws IOException {
    remember();
    int operations = count(tested, failure);
    assertTrue(operations > 10 && operations < MAX_OPERATIONS, "operations: " + operations);
    for (int failing = 0; failing < operations; failing++) {
      String where = tested.start() + " " + failure + " at operation " + failing;

      Path again = start(tested.start(), "again");
      interrupt(again, failing, failure, tested.command());
      requireComplete(again, where);
      new MirrorConfiguration(again).write(OPTIONS);
      assertEquals(configured, FileTree.of(again), where);
      assertEquals(original, FileTree.of(again.resolve(BackupFolder.NAME)), where);

      Path undone = start(tested.start(), "undone");
      interrupt(undone, failing, failure, tested.command());
      requireNothingLost(undone, where);
    }
  }

  private void requireNothingLost(Path configPath, String where) throws IOException {
    new MirrorConfiguration(configPath).cleanup();
    assertEquals(original, FileTree.of(configPath), where);
  }

  /** A reader sees each hosts.toml as the user's or as ours, never a part. */
  private void requireComplete(Path configPath, String where) throws IOException {
    for (Map.Entry<String, String> file : FileTree.files(configPath).entrySet()) {
      String name = file.getKey();
      boolean isRead = !name.startsWith("_") || name.startsWith("_default/");
      if (isRead && name.endsWith("/hosts.toml")) {
        String content = "-rw-r--r--:" + file.getValue();
        assertTrue(
            content.equals(original.get(name)) || content.equals(configured.get(name)),
            where + ": " + file);
      }
    }
  }

  private void remember() throws IOException {
    original = FileTree.of(start(Start.PLAIN, "original"));
    configured = FileTree.of(start(Start.CONFIGURED, "configured"));
    assertEquals(original, FileTree.of(folder.resolve("configured").resolve(BackupFolder.NAME)));
  }

  private int count(Case tested, FailingFiles.Failure failure) throws IOException {
    FailingFiles files = new FailingFiles(Integer.MAX_VALUE, failure);
    tested.command().run(new MirrorConfiguration(files, start(tested.start(), "count")));
    return files.operations();
  }

  private static void interrupt(
      Path configPath, int operation, FailingFiles.Failure failure, Command command) {
    MirrorConfiguration configuration =
        new MirrorConfiguration(new FailingFiles(operation, failure), configPath);
    try {
      command.run(configuration);
    } catch (MirrorConfigurationException e) {
      assertTrue(e.toString().contains("operation " + operation + " fails"), e::toString);
    } catch (FailingFiles.Died e) {
      assertTrue(failure != FailingFiles.Failure.EXCEPTION);
    }
  }

  private Path start(Start start, String name) throws IOException {
    Path configPath = folder.toRealPath().resolve(name);
    FileTree.delete(configPath);
    FileTree.write(
        configPath,
        Map.of(
            "docker.io/hosts.toml", "[host.'https://mirror.example']\nca = 'certs/ca.crt'\n",
            "docker.io/certs/ca.crt", "certificate",
            "reg.local_5000_/client.cert", "certificate and key",
            "ghcr.io/hosts.toml", "this is not toml",
            "_default/hosts.toml", "server = 'https://proxy.example'\n",
            "README", "top"));
    Files.createDirectory(configPath.resolve("empty"));
    Files.createSymbolicLink(configPath.resolve("quay.io"), Path.of("../elsewhere"));
    Files.createSymbolicLink(configPath.resolve("docker.io/link.crt"), Path.of("certs/ca.crt"));
    Files.setPosixFilePermissions(
        configPath.resolve("docker.io/certs/ca.crt"), PosixFilePermissions.fromString("r--------"));
    if (start == Start.CONFIGURED) {
      new MirrorConfiguration(configPath).write(OPTIONS);
    }
    return configPath;
  }
}
