package spegel.containerd.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.auth.BasicCredentials;

class MirrorConfigurationTest {
  private static final String TARGET = "http://127.0.0.1:5000";
  private static final String OURS =
      """
      [host.'http://127.0.0.1:5000']
      capabilities = ['pull', 'resolve']
      dial_timeout = '200ms'""";

  @TempDir Path folder;
  private Path configPath;
  private MirrorConfiguration configuration;

  @BeforeEach
  void create() throws IOException {
    configPath = folder.toRealPath().resolve("etc/certs.d");
    configuration = new MirrorConfiguration(configPath);
  }

  @Test
  void write_namesTargetsInOrder_whenRegistryIsNamed() throws IOException {
    List<RegistryUrl> targets =
        List.of(
            RegistryUrl.parse("http://10.0.0.1:30020"),
            RegistryUrl.parse("http://[fd00::1]:30021"));

    configuration.write(
        new MirrorOptions(registries("https://docker.io"), targets, true, false, null));

    assertEquals(
        Map.of(
            "docker.io/hosts.toml",
            """
            server = 'https://registry-1.docker.io'

            [host.'http://10.0.0.1:30020']
            capabilities = ['pull', 'resolve']
            dial_timeout = '200ms'

            [host.'http://[fd00::1]:30021']
            capabilities = ['pull', 'resolve']
            dial_timeout = '200ms'"""),
        FileTree.files(configPath));
    assertTrue(Files.isDirectory(configPath.resolve("_backup")));
  }

  @Test
  void write_hasNoServer_whenAllAreMirrored() throws IOException {
    configuration.write(options(false));
    assertEquals(Map.of("_default/hosts.toml", OURS), FileTree.files(configPath));
    assertEquals("-rw-r--r--:" + OURS, FileTree.of(configPath).get("_default/hosts.toml"));
  }

  @Test
  void write_leavesTagsOut_whenTheyAreNotResolved() throws IOException {
    configuration.write(new MirrorOptions(registries("*"), targets(), false, false, null));
    assertEquals(
        OURS.replace(", 'resolve'", ""), FileTree.files(configPath).get("_default/hosts.toml"));
  }

  @Test
  void write_addsHeaderForOwnerAlone_whenThereAreCredentials() throws IOException {
    BasicCredentials credentials = BasicCredentials.of("hello", "world");

    configuration.write(
        new MirrorOptions(registries("http://reg:5000"), targets(), true, false, credentials));

    assertEquals(
        "-rw-------:server = 'http://reg:5000'\n\n"
            + OURS
            + "\n[host.'http://127.0.0.1:5000'.header]\nAuthorization = 'Basic aGVsbG86d29ybGQ='",
        FileTree.of(configPath).get("reg:5000/hosts.toml"));
  }

  @Test
  void write_movesAllAsideOnce_andClearsTheRest() throws IOException {
    FileTree.write(
        configPath,
        Map.of("ghcr.io/hosts.toml", "a = 1", "docker.io/hosts.toml", "not toml", "f", "x"));
    Files.createSymbolicLink(configPath.resolve("quay.io"), Path.of("ghcr.io"));
    Files.setPosixFilePermissions(
        configPath.resolve("ghcr.io"), PosixFilePermissions.fromString("rwx------"));
    Map<String, String> before = FileTree.of(configPath);

    configuration.write(options(false, "https://docker.io"));
    assertEquals(before, FileTree.of(configPath.resolve("_backup")));

    FileTree.write(configPath, Map.of("docker.io/stale.crt", "x", "stale/hosts.toml", "y"));
    configuration.write(options(false));

    assertEquals(before, FileTree.of(configPath.resolve("_backup")));
    Map<String, String> ours = FileTree.files(configPath);
    ours.keySet().removeIf(path -> path.startsWith("_backup/"));
    assertEquals(Map.of("_default/hosts.toml", OURS), ours);

    assertTrue(configuration.cleanup());
    assertEquals(before, FileTree.of(configPath));
    assertFalse(configuration.cleanup());
    assertEquals(before, FileTree.of(configPath));
  }

  @Test
  void cleanup_changesNothing_whenThereIsNoBackup() throws IOException {
    assertFalse(configuration.cleanup());
    assertFalse(Files.exists(configPath));

    FileTree.write(configPath, Map.of("docker.io/hosts.toml", "a = 1"));
    assertFalse(configuration.cleanup());
    assertEquals(Map.of("docker.io/hosts.toml", "a = 1"), FileTree.files(configPath));
  }

  @Test
  void write_keepsModeOfFile_whenThereWasOne() throws IOException {
    FileTree.write(configPath, Map.of("docker.io/hosts.toml", "[host.'http://a']"));
    Files.setPosixFilePermissions(
        configPath.resolve("docker.io/hosts.toml"), PosixFilePermissions.fromString("rw-------"));

    for (boolean prepend : new boolean[] {false, true, false}) {
      configuration.write(options(prepend, "https://docker.io"));
      assertTrue(
          FileTree.of(configPath)
              .getOrDefault("docker.io/hosts.toml", "")
              .startsWith("-rw-------"));
    }
  }

  @Test
  void write_appendsHostsInOrderWithAllKeys_whenExistingAreKept() throws IOException {
    FileTree.write(
        configPath,
        Map.of(
            "docker.io/hosts.toml",
            """
            # A comment.
            server = "https://proxy.example/"  # another
            capabilities = ["pull"]
            skip_verify = true
            unknown = {b = 1, a = [1979-05-27T07:32:00Z, 07:32:00, 1.5, 0x10]}
            [host."https://z.example/v2/up"]
              capabilities = ["pull", "resolve", "push"]
              override_path = true
              client = [["a.cert", "a.key"], ["b.cert", "b.key"]]
              "odd key" = "it's"

            [host."https://b.example".header]
              x-custom = ["1", "2"]

            [host."https://a.example"]
            ca = "/etc/ssl/a.pem"
            [host."https://b.example"]
            dial_timeout = "1m30s"
            [header]
            Authorization = "Basic eA=="
            """,
            "docker.io/ca.crt",
            "cert",
            "docker.io/nested/key.pem",
            "key"));

    configuration.write(options(true, "https://docker.io"));

    Map<String, String> files = FileTree.files(configPath);
    assertEquals(
        """
        server = 'https://proxy.example/'
        capabilities = ['pull']
        skip_verify = true

        %s

        [host.'https://z.example/v2/up']
        capabilities = ['pull', 'resolve', 'push']
        override_path = true
        client = [['a.cert', 'a.key'], ['b.cert', 'b.key']]
        'odd key' = "it's"

        [host.'https://b.example']
        dial_timeout = '1m30s'

        [host.'https://b.example'.header]
        x-custom = ['1', '2']

        [host.'https://a.example']
        ca = '/etc/ssl/a.pem'

        [unknown]
        b = 1
        a = [1979-05-27T07:32:00Z, 07:32:00, 1.5, 16]

        [header]
        Authorization = 'Basic eA=='"""
            .formatted(OURS),
        files.get("docker.io/hosts.toml"));
    assertEquals("cert", files.get("docker.io/ca.crt"));
    assertEquals("key", files.get("docker.io/nested/key.pem"));
  }

  private static MirrorOptions options(boolean prependExisting, String... registries) {
    return new MirrorOptions(registries(registries), targets(), true, prependExisting, null);
  }

  private static List<MirroredRegistry> registries(String... registries) {
    return Arrays.stream(registries).map(MirroredRegistry::parse).toList();
  }

  private static List<RegistryUrl> targets() {
    return List.of(RegistryUrl.parse(TARGET));
  }
}
