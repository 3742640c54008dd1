package spegel.e2e.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.SetUp;

/**
 * {@code deploy/eks/keep-layers} on configurations as nodes have them, read by real containerds.
 */
class KeepLayersTest {
  private static final int TO_CHANGE = 3;

  @TempDir Path folder;

  /** A configuration, and the containerd that it is for. */
  enum Node {
    AL2(
        false,
        """
        version = 2
        root = "/var/lib/containerd"
        imports = ["%s/config.d/*.toml"]
        [plugins]
          [plugins."io.containerd.grpc.v1.cri".containerd]
            default_runtime_name = "runc"
            discard_unpacked_layers = true
          [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = "/etc/containerd/certs.d:/etc/docker/certs.d"
        """),
    AL2023(
        true,
        """
        version = 3
        imports = ["%s/config.d/*.toml"]
        [plugins.'io.containerd.cri.v1.images']
        discard_unpacked_layers = true # to save space
        [plugins.'io.containerd.cri.v1.images'.pinned_images]
        sandbox = "localhost/kubernetes/pause"
        [plugins."io.containerd.cri.v1.images".registry]
        config_path = "/etc/docker/certs.d"
        """),
    OLD_FILE_FOR_NEW_CONTAINERD(
        true,
        """
        version = 2
        imports = ["%s/config.d/*.toml"]
        [plugins.'io.containerd.grpc.v1.cri'.containerd]
          discard_unpacked_layers=true
        """),
    NOTHING_SET(true, "version = 3\nimports = [\"%s/config.d/*.toml\"]\n");

    private final boolean version2;
    private final String config;

    Node(boolean version2, String config) {
      this.version2 = version2;
      this.config = config;
    }

    String containerd() {
      return version2 ? SetUp.folder("containerd").resolve("containerd").toString() : "containerd";
    }
  }

  private Path config(Node node) throws IOException {
    Path file = folder.resolve("config.toml");
    Files.writeString(file, node.config.formatted(folder));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    return file;
  }

  private static Command.Outcome run(Node node, Path config, String... more) {
    List<String> script =
        List.of(
            Repository.file("deploy/eks/keep-layers"),
            "--config",
            config.toString(),
            "--containerd",
            node.containerd());
    return Command.run(Stream.concat(script.stream(), Stream.of(more)).toList());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Node.class)
  void change_isWhatContainerdReads_andIsMadeOnce(Node node) throws IOException {
    Path config = config(node);
    String before = Files.readString(config);
    assertEquals(TO_CHANGE, run(node, config, "--check").exitCode());
    assertEquals(before, Files.readString(config));

    String said = run(node, config).orFail().output();
    assertTrue(said.contains("+"), said);
    String dump =
        Command.run(node.containerd(), "--config", config.toString(), "config", "dump")
            .orFail()
            .output();
    assertTrue(dump.contains("discard_unpacked_layers = false"), dump);
    assertTrue(dump.matches("(?s).*config_path = ['\"]/etc/containerd/certs\\.d.*"), dump);
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(config)));
    assertEquals(2, files().size(), () -> "a backup and nothing else: " + said);
    assertEquals(before, Files.readString(files().getLast()));
    assertTrue(said.contains(files().getLast().toString()), said);

    String after = Files.readString(config);
    run(node, config).orFail();
    assertEquals(0, run(node, config, "--check").exitCode());
    assertEquals(after, Files.readString(config));
    assertEquals(2, files().size());
  }

  @Test
  void file_isLeftAlone_whenAnImportedOneSaysOtherwise() throws IOException {
    Path config = config(Node.AL2023);
    Path imported = Files.createDirectory(folder.resolve("config.d")).resolve("ours.toml");
    Files.writeString(
        imported,
        "version = 3\n[plugins.'io.containerd.cri.v1.images']\ndiscard_unpacked_layers = true\n");
    assertRefused(Node.AL2023, config, "imports still sets discard_unpacked_layers");
  }

  @Test
  void file_isLeftAlone_whenItHasMirrorsOfTheOldKind() throws IOException {
    Path config = config(Node.AL2);
    String mirrors =
        """
        [plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
        endpoint = ["https://mirror.test"]
        """;
    Files.writeString(config, Files.readString(config) + mirrors);
    assertRefused(Node.AL2, config, "registry.mirrors");
  }

  @Test
  void file_isLeftAlone_whenContainerdDoesNotUnderstandIt() throws IOException {
    Path config = config(Node.AL2023);
    Files.writeString(config, Files.readString(config) + "[grpc\n");
    assertRefused(Node.AL2023, config, "does not accept");
    Files.writeString(config, "root = '/var/lib/containerd'\n");
    assertRefused(Node.AL2023, config, "version 1");
  }

  private void assertRefused(Node node, Path config, String reason) throws IOException {
    String before = Files.readString(config);
    Command.Outcome outcome = run(node, config);
    assertEquals(1, outcome.exitCode(), outcome::output);
    assertTrue(outcome.output().contains(reason), outcome::output);
    assertEquals(before, Files.readString(config));
    assertEquals(List.of(config), files());
  }
}
