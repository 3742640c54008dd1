package spegel.containerd.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFolderTest {
  @TempDir Path folder;
  private Path configPath;
  private MirrorConfiguration configuration;

  @BeforeEach
  void create() throws IOException {
    configPath = folder.toRealPath().resolve("certs.d");
    configuration = new MirrorConfiguration(configPath);
  }

  @Test
  void both_refuse_whenTwoStatesAreClaimed() throws IOException {
    FileTree.write(configPath, Map.of("_backup/a", "1", "_backup.moving/a", "2", "b", "3"));
    requireRefused("_backup.moving");
  }

  @Test
  void both_refuse_whenBackupIsNoDirectory() throws IOException {
    FileTree.write(configPath, Map.of("_backup", "1", "b", "3"));
    requireRefused("_backup");
  }

  @Test
  void both_refuse_whenConfigPathIsNoDirectory() throws IOException {
    Files.writeString(configPath, "file");
    assertThrows(MirrorConfigurationException.class, () -> configuration.write(options("a")));
    assertThrows(MirrorConfigurationException.class, () -> configuration.cleanup());
    assertEquals("file", Files.readString(configPath));
  }

  /** Somebody wrote an entry anew while the move was interrupted: no one's is thrown away. */
  @Test
  void both_refuse_whenAnEntryIsOnBothSidesOfAnInterruptedMove() throws IOException {
    FileTree.write(configPath, Map.of("_backup.moving/docker.io", "old", "docker.io", "new"));
    requireRefused("docker.io");
  }

  @Test
  void write_replacesLinks_andNeverWritesThroughThem() throws IOException {
    configuration.write(options("docker.io"));
    FileTree.write(folder, Map.of("outside/hosts.toml", "outside"));
    FileTree.delete(configPath.resolve("docker.io"));
    Files.createSymbolicLink(configPath.resolve("docker.io"), Path.of("../outside"));

    configuration.write(options("docker.io"));

    assertTrue(Files.isDirectory(configPath.resolve("docker.io"), LinkOption.NOFOLLOW_LINKS));
    assertEquals("outside", Files.readString(folder.resolve("outside/hosts.toml")));
  }

  @Test
  void write_followsConfigPath_whenItIsALink() throws IOException {
    Files.createDirectory(folder.resolve("real"));
    Files.createSymbolicLink(configPath, Path.of("real"));

    new MirrorConfiguration(configPath).write(options("docker.io"));

    assertTrue(Files.isSymbolicLink(configPath));
    assertTrue(Files.exists(folder.resolve("real/docker.io/hosts.toml")));
  }

  @Test
  void write_isSeenCompleteOrNotAtAll_byAReader() throws Exception {
    MirrorOptions one = options("docker.io");
    MirrorOptions other =
        new MirrorOptions(
            one.registries(),
            List.of(RegistryUrl.parse("http://10.0.0.1:30020")),
            false,
            false,
            null);
    Path file = configPath.resolve("docker.io/hosts.toml");
    List<String> complete = new ArrayList<>();
    for (MirrorOptions options : List.of(one, other)) {
      configuration.write(options);
      complete.add(Files.readString(file));
    }
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      Future<Integer> read = reader.submit(() -> readUntil(done, file, complete));
      for (int i = 0; i < 100; i++) {
        configuration.write(i % 2 == 0 ? one : other);
      }
      done.set(true);
      assertTrue(read.get() > 0);
    }
  }

  /** What a rename relies on is durable before it: each directory changed since was synced. */
  @Test
  void renames_followSyncs_ofWhatTheyCommit() throws IOException {
    FileTree.write(
        configPath, Map.of("docker.io/hosts.toml", "[host.'http://a']", "docker.io/c", "x"));
    SyncChecker files = new SyncChecker(configPath);
    MirrorConfiguration checked = new MirrorConfiguration(files, configPath);

    checked.write(options("docker.io"));
    checked.write(options("docker.io"));
    assertTrue(checked.cleanup());

    assertEquals(List.of(), files.unsynced());
    assertEquals(3, files.commits());
  }

  private static int readUntil(AtomicBoolean done, Path file, List<String> complete)
      throws IOException {
    int read = 0;
    while (!done.get()) {
      try {
        String content = Files.readString(file);
        assertTrue(complete.contains(content), content);
        read++;
      } catch (NoSuchFileException e) {
        // Between two renames: containerd goes to the registry by itself.
      }
    }
    return read;
  }

  private void requireRefused(String named) throws IOException {
    Map<String, String> before = FileTree.of(configPath);
    for (Runnable command :
        List.<Runnable>of(
            () -> configuration.write(options("docker.io")), () -> configuration.cleanup())) {
      MirrorConfigurationException e =
          assertThrows(MirrorConfigurationException.class, command::run);
      assertTrue(e.toString().contains(configPath.resolve(named).toString()), e::toString);
      assertEquals(before, FileTree.of(configPath));
    }
  }

  private static MirrorOptions options(String host) {
    return new MirrorOptions(
        List.of(MirroredRegistry.parse("https://" + host)),
        List.of(RegistryUrl.parse("http://127.0.0.1:30020")),
        true,
        true,
        null);
  }
}
