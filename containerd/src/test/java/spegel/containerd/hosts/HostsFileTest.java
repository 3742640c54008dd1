package spegel.containerd.hosts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsFileTest {
  private static final Path FILE = Path.of("/certs.d/docker.io/hosts.toml");
  private static final long SEED = 20_260_813;
  private static final int GENERATED_FILES = 10_000;
  private static final String SPECIAL = "[]{}=.,'\"#\n\\\t\u0000 -+e\uD83D\uDE00é";

  private static final MirrorOptions OPTIONS =
      new MirrorOptions(
          List.of(MirroredRegistry.parse("https://docker.io")),
          List.of(RegistryUrl.parse("http://127.0.0.1:30020")),
          true,
          true,
          null);

  private static final String VALID =
      """
      # hosts
      server = "https://registry-1.docker.io"
      capabilities = ["pull", "resolve"]
      [host."https://mirror.example:5000"]
        capabilities = ["pull"]   # only
        ca = ["ca.crt", '/etc/ssl/"x".pem']
        client = [["c.cert", "c.key"]]
        dial_timeout = "1.5s"
        skip_verify = false
        [host."https://mirror.example:5000".header]
          Authorization = '''Basic
      # no comment
      '''
          x-two = ["a", \"""b\\u0041\""\""]
      [host.'http://[fd00::1]:30020']
      unknown = [{a = 1, b = [true, 1e3, 1979-05-27T07:32:00-08:00]}, 0xdead, -inf]
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a = ",
        "a = 1\na = 2",
        "[host",
        "[host]\n[host]",
        "host = 1",
        "[[host]]",
        "server = 1",
        "server = 'a b'",
        "host.'http://a' = 1",
        "[host.'http://a:b']",
        "[host.'http://a b']",
        "[host.'httpx//a']\nca = 1",
        "[host.'http\u0124://a']",
        "[host.'http://[fd00k::1]:1']",
        "[host.'http://[1:2]']",
        "[host.'http://a/%zz']",
        "[host.'a:b']",
        "capabilities = 'pull'",
        "capabilities = ['fly']",
        "[host.'http://a']\ncapabilities = [1]",
        "[host.'http://a']\nca = 1",
        "[host.'http://a']\nca = [['x']]",
        "[host.'http://a']\nclient = [['x', 'y', 'z']]",
        "[host.'http://a']\nskip_verify = 'no'",
        "[host.'http://a']\noverride_path = 1",
        "[host.'http://a']\ndial_timeout = '5 s'",
        "[host.'http://a']\ndial_timeout = 5",
        "[host.'http://a']\nheader = 'x'",
        "[host.'http://a'.header]\nx = 1",
        "a = \"\u0001\"",
        "a = '\\"
      })
  void parse_namesFileAndCause_whenMalformed(String content) {
    MirrorConfigurationException e = malformed(content.getBytes(StandardCharsets.UTF_8));
    assertTrue(e.toString().contains(FILE + " is malformed: "), e::toString);
  }

  @Test
  void parse_namesTheLine_whenCommentsAndBlankLinesComeBefore() {
    String content = "# one\n\n  \na = '''\n\n#'''\n# seven\nb = \n";
    MirrorConfigurationException e = malformed(content.getBytes(StandardCharsets.UTF_8));
    assertTrue(e.toString().contains("line 8: "), e::toString);
  }

  @Test
  void parse_refuses_whenNotUtf8OrTooLongOrTooDeep() {
    malformed(new byte[] {'a', '=', '\'', (byte) 0xff, '\''});
    malformed("a = 1\n".repeat(HostsFile.MAX_TEXT_CHARS).getBytes(StandardCharsets.UTF_8));
    for (String opening : List.of("[", "{a = ", "[{a = ")) {
      int levels = HostsFile.MAX_TEXT_CHARS / opening.length() - 10;
      malformed(("a = " + opening.repeat(levels)).getBytes(StandardCharsets.UTF_8));
    }
    malformed(("[a" + ".a".repeat(30_000) + "]").getBytes(StandardCharsets.UTF_8));
    malformed(("a" + ".a".repeat(30_000) + " = 1").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void parse_isQuick_whenThereAreMostlyCommentsAndBlankLines() {
    String content =
        "#\n".repeat(200_000)
            + VALID
            + " \n".repeat(200_000)
            + "b.c = [\n"
            + "#\n\n".repeat(20_000)
            + "]";
    HostsFile file =
        assertTimeout(
            Duration.ofSeconds(20),
            () -> HostsFile.parse(FILE, content.getBytes(StandardCharsets.UTF_8)));
    assertEquals(2, file.hostBlocks().size());
  }

  @Test
  void parse_isInverseOfWriting_forAllKindsOfValues() {
    HostsFile file = HostsFile.parse(FILE, VALID.getBytes(StandardCharsets.UTF_8));
    assertEquals(file, rewritten(file));
    assertEquals(
        List.of("https://mirror.example:5000", "http://[fd00::1]:30020"),
        List.copyOf(file.hostBlocks().keySet()));
  }

  /** Damaged files: each is refused by one exception, or read and written without loss. */
  @Test
  void parse_givesAValueOrOneException_forDamagedFiles() {
    Random random = new Random(SEED);
    int refused = 0;
    for (int i = 0; i < GENERATED_FILES; i++) {
      byte[] content = damaged(random);
      try {
        HostsFile file = HostsFile.parse(FILE, content);
        assertEquals(file, rewritten(file));
      } catch (MirrorConfigurationException e) {
        refused++;
        assertTrue(e.toString().contains(FILE.toString()), e::toString);
        assertTrue(e.toString().length() < 400, e::toString);
      } catch (RuntimeException | StackOverflowError e) {
        fail("seed " + SEED + ", file " + i + ": " + quoted(content), e);
      }
    }
    assertTrue(refused > GENERATED_FILES / 2, "refused: " + refused);
  }

  @Test
  void write_changesNothing_whenExistingFileIsMalformed() throws IOException {
    Path configPath = folder.toRealPath().resolve("certs.d");
    MirrorConfiguration configuration = new MirrorConfiguration(configPath);
    Random random = new Random(SEED);
    Path file = configPath.resolve("docker.io/hosts.toml");
    Files.createDirectories(file.getParent());
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      Files.write(file, damaged(random));
      Map<String, String> before = FileTree.of(configPath);
      try {
        configuration.write(OPTIONS);
        assertTrue(configuration.cleanup());
      } catch (MirrorConfigurationException e) {
        refused++;
      }
      assertEquals(before, FileTree.of(configPath), "seed " + SEED + ", file " + i);
    }
    assertTrue(refused > 100, "refused: " + refused);
  }

  /** Writes a file as ours is written, and reads that. */
  private static HostsFile rewritten(HostsFile file) {
    List<String> blocks = new ArrayList<>();
    file.server().ifPresent(server -> blocks.add("server = " + TomlWriter.string(server)));
    blocks.addAll(file.serverLines());
    blocks.addAll(file.hostBlocks().values());
    blocks.addAll(file.serverBlocks());
    HostsFile again =
        HostsFile.parse(FILE, String.join("\n", blocks).getBytes(StandardCharsets.UTF_8));
    // An empty server says nothing, and a table of no hosts neither: they are not written.
    Map<String, Object> root = new LinkedHashMap<>(file.root());
    root.remove("server", "");
    root.remove("host", Map.of());
    if (file.server().isEmpty()) {
      root.remove("capabilities");
    }
    return again.root().equals(root) ? file : again;
  }

  private static byte[] damaged(Random random) {
    StringBuilder text = new StringBuilder(VALID);
    int damages = 1 + random.nextInt(4);
    for (int i = 0; i < damages && !text.isEmpty(); i++) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + 1 + random.nextInt(20));
      switch (random.nextInt(7)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, SPECIAL.charAt(random.nextInt(SPECIAL.length())));
        case 2 -> text.setLength(at);
        case 3 -> text.insert(at, text.substring(at, end));
        case 4 ->
            text.replace(at, end, new StringBuilder(text.substring(at, end)).reverse().toString());
        case 5 -> text.insert(at, "[".repeat(random.nextInt(2000)));
        default -> text.setCharAt(at, (char) random.nextInt(0x180));
      }
    }
    byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(8) == 0 && content.length > 0) {
      content[random.nextInt(content.length)] = (byte) random.nextInt(256);
    }
    return content;
  }

  private static MirrorConfigurationException malformed(byte[] content) {
    return assertThrows(MirrorConfigurationException.class, () -> HostsFile.parse(FILE, content));
  }

  private static String quoted(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1);
  }
}
