package spegel.containerd.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of the user's configuration containerd still finds once ours is before it. */
class PrependExistingTest {
  private static final String OURS =
      """
      [host.'http://127.0.0.1:5000']
      capabilities = ['pull', 'resolve']
      dial_timeout = '200ms'""";

  @TempDir Path folder;
  private Path configPath;

  @BeforeEach
  void create() throws IOException {
    configPath = folder.toRealPath().resolve("certs.d");
    Files.createDirectory(configPath);
  }

  @Test
  void write_namesCertificates_whenFolderHasOnlyThese() throws IOException {
    FileTree.write(
        configPath,
        Map.of(
            "reg:5000/ca.crt", "1",
            "reg:5000/me.cert", "2",
            "reg:5000/me.key", "3",
            "reg:5000/single.cert", "4",
            "reg:5000/deep/x.crt", "5"));

    write("https://reg:5000");

    assertEquals(
        """
        server = 'https://reg:5000'
        ca = ['ca.crt']
        client = [['me.cert', 'me.key'], ['single.cert', 'single.cert']]

        """
            + OURS,
        read("reg:5000/hosts.toml"));
    assertEquals("3", read("reg:5000/me.key"));
    assertEquals("5", read("reg:5000/deep/x.crt"));
  }

  @Test
  void write_takesTheFolderThatContainerdTakes_whenThereAreSeveral() throws IOException {
    FileTree.write(
        configPath,
        Map.of(
            "reg_5000_/hosts.toml", "[host.'http://first']",
            "reg:5000/hosts.toml", "[host.'http://second']",
            "_default/hosts.toml", "[host.'http://third']"));

    write("http://reg:5000", "https://docker.io");

    assertEquals(
        "server = 'http://reg:5000'\n\n" + OURS + "\n\n[host.'http://first']",
        read("reg:5000/hosts.toml"));
    assertEquals(
        "server = 'https://registry-1.docker.io'\n\n" + OURS + "\n\n[host.'http://third']",
        read("docker.io/hosts.toml"));
  }

  @Test
  void write_leavesTargetOut_whenUserHasItToo() throws IOException {
    FileTree.write(
        configPath,
        Map.of(
            "_default/hosts.toml",
            "[host.'http://127.0.0.1:5000']\nskip_verify = true\n[host.'http://other']"));

    write("*");

    assertEquals(OURS + "\n\n[host.'http://other']", read("_default/hosts.toml"));
  }

  @Test
  void write_keepsKeysOfInlineTables_andOddNames() throws IOException {
    FileTree.write(
        configPath,
        Map.of(
            "_default/hosts.toml",
            "host = {'http://a' = {capabilities = ['pull']}}\n\"a'b\\n\" = 'x'\nserver = ''"));

    write("*");

    assertEquals(
        "\"a'b\\u000A\" = 'x'\n\n" + OURS + "\n\n[host.'http://a']\ncapabilities = ['pull']",
        read("_default/hosts.toml"));
  }

  /** containerd ignores these keys without a server; a server comes with us. */
  @Test
  void write_leavesOutWhatContainerdIgnored_whenUserNamesNoServer() throws IOException {
    FileTree.write(
        configPath,
        Map.of(
            "r/hosts.toml", "capabilities = ['push']\noverride_path = true\nskip_verify = true"));

    write("https://r");

    assertEquals("server = 'https://r'\nskip_verify = true\n\n" + OURS, read("r/hosts.toml"));
  }

  @Test
  void write_namesFilesWhereTheyAre_whenKeysNameOthersUnderTheConfigPath() throws IOException {
    FileTree.write(
        configPath,
        Map.of(
            "shared/ca.crt", "shared",
            "_default/own.crt", "own",
            "_default/hosts.toml",
                """
                ca = ['../shared/ca.crt', '%1$s/shared/ca.crt', '%1$s/_default/own.crt', 'own.crt']
                [host.'http://a']
                client = [['/etc/ssl/a.crt', '%1$s/shared/ca.crt']]
                """
                    .formatted(configPath)));

    write("https://docker.io");

    String saved = configPath + "/_backup/shared/ca.crt";
    assertEquals(
        """
        server = 'https://registry-1.docker.io'
        ca = ['%1$s', '%1$s', '%2$s/docker.io/own.crt', 'own.crt']

        %3$s

        [host.'http://a']
        client = [['/etc/ssl/a.crt', '%1$s']]"""
            .formatted(saved, configPath, OURS),
        read("docker.io/hosts.toml"));
    assertEquals("own", read("docker.io/own.crt"));
  }

  @Test
  void write_copiesLinksAsLinks_andTheyLeadToTheSameFiles() throws IOException {
    FileTree.write(
        configPath,
        Map.of("shared/ca.crt", "shared", "r/hosts.toml", "ca = 'in.crt'", "r/..data/own", "own"));
    FileTree.write(folder, Map.of("outside.crt", "outside"));
    link("r/in.crt", "..data/own");
    link("r/up.crt", "../shared/ca.crt");
    link("r/out.crt", "../../outside.crt");
    link("r/absolute.crt", configPath + "/shared/ca.crt");
    link("r/dangling.crt", "nowhere");

    for (int i = 0; i < 2; i++) {
      write("https://r");

      assertEquals("l:..data/own", FileTree.of(configPath).get("r/in.crt"));
      assertEquals("l:../_backup/shared/ca.crt", FileTree.of(configPath).get("r/up.crt"));
      assertEquals("l:../../outside.crt", FileTree.of(configPath).get("r/out.crt"));
      assertEquals("l:nowhere", FileTree.of(configPath).get("r/dangling.crt"));
      assertEquals("own", read("r/in.crt"));
      assertEquals("shared", read("r/up.crt"));
      assertEquals("outside", read("r/out.crt"));
      assertEquals("shared", read("r/absolute.crt"));
    }
  }

  @Test
  void write_followsLinksAsTheyLedBefore_whenFolderOrFileIsOne() throws IOException {
    FileTree.write(configPath, Map.of("shared/hosts.toml", "[host.'http://shared']"));
    FileTree.write(
        folder, Map.of("out/hosts.toml", "[host.'http://out']", "out/out.crt", "certificate"));
    link("a", "shared");
    link("b", "../out");
    Files.createDirectory(configPath.resolve("c"));
    link("c/hosts.toml", "../../out/hosts.toml");

    // The second time they are read from within the backup, where relative links lead elsewhere.
    for (int i = 0; i < 2; i++) {
      write("https://a", "https://b", "https://c");

      assertTrue(read("a/hosts.toml").endsWith("[host.'http://shared']"));
      assertTrue(read("b/hosts.toml").endsWith("[host.'http://out']"));
      assertTrue(read("c/hosts.toml").endsWith("[host.'http://out']"));
      assertEquals("certificate", read("b/out.crt"));
      assertEquals("l:../out", FileTree.of(configPath).get("_backup/b"));
    }
    assertEquals(
        Map.of("hosts.toml", "[host.'http://out']", "out.crt", "certificate"),
        FileTree.files(folder.resolve("out")));
  }

  @Test
  void write_refusesBeforeItChanges_whenItCannotTellWhatTheUserHas() throws IOException {
    link("dangling", "../nowhere");
    link("loop", "loop");
    FileTree.write(configPath, Map.of("file", "x", "big/x.crt", "x".repeat(2_000_000)));
    Files.createDirectories(configPath.resolve("directory/hosts.toml"));
    Files.createDirectories(configPath.resolve("deep/1/2/3/4/5/6/7/8/9/10"));
    Map<String, String> before = FileTree.of(configPath);

    for (String host : List.of("dangling", "loop", "file", "big", "directory", "deep")) {
      MirrorConfigurationException e =
          assertThrows(MirrorConfigurationException.class, () -> write("https://" + host));
      assertTrue(e.toString().contains(configPath.resolve(host).toString()), e::toString);
      assertEquals(before, FileTree.of(configPath), host);
    }
  }

  private void write(String... registries) {
    List<MirroredRegistry> mirrored =
        Arrays.stream(registries).map(MirroredRegistry::parse).toList();
    List<RegistryUrl> targets = List.of(RegistryUrl.parse("http://127.0.0.1:5000"));
    new MirrorConfiguration(configPath)
        .write(new MirrorOptions(mirrored, targets, true, true, null));
  }

  private void link(String path, String target) throws IOException {
    Files.createSymbolicLink(configPath.resolve(path), Path.of(target));
  }

  private String read(String path) throws IOException {
    return Files.readString(configPath.resolve(path));
  }
}
