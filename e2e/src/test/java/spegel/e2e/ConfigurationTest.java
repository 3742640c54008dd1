package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.CleanUp;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.Spegel;

/** The commands that write and take back containerd's mirror configuration, on a real folder. */
@ExtendWith(FailureLogs.class)
class ConfigurationTest {
  private static final String EXISTING =
      """
      server = "https://reg.test:5000"

      [host."https://cache.test"]
        capabilities = ["pull"]
        ca = "ca.crt"
      """;

  @Test
  void configuration_writesAndCleanupRestores_whenAConfigurationExisted(@TempDir Path folder)
      throws Exception {
    Path existing = Files.createDirectories(folder.resolve("reg.test:5000"));
    Files.writeString(existing.resolve("hosts.toml"), EXISTING);
    Files.writeString(existing.resolve("ca.crt"), "certificate");
    Map<String, String> before = files(folder);

    configuration(folder, "--mirrored-registries", "https://docker.io", "http://reg.test:5000");
    Map<String, String> written = files(folder);
    assertEquals(
        """
        server = 'https://registry-1.docker.io'

        [host.'http://10.0.0.1:30020']
        capabilities = ['pull', 'resolve']
        dial_timeout = '200ms'

        [host.'http://10.0.0.2:30021']
        capabilities = ['pull', 'resolve']
        dial_timeout = '200ms'
        """
            .strip(),
        String.valueOf(written.get("docker.io/hosts.toml")).strip());
    assertEquals(EXISTING, written.get("_backup/reg.test:5000/hosts.toml"));
    assertEquals("certificate", written.get("_backup/reg.test:5000/ca.crt"));
    assertFalse(written.containsKey("reg.test:5000/ca.crt"));

    configuration(
        folder, "--mirrored-registries", "http://reg.test:5000", "--prepend-existing=true");
    Map<String, String> prepended = files(folder);
    assertFalse(prepended.containsKey("docker.io/hosts.toml"));
    String hosts = String.valueOf(prepended.get("reg.test:5000/hosts.toml"));
    // The user's own server stays: the keys at the top of the file are about it.
    assertTrue(hosts.startsWith("server = 'https://reg.test:5000'"), hosts);
    assertTrue(
        hosts.indexOf("10.0.0.1") < hosts.indexOf("10.0.0.2")
            && hosts.indexOf("10.0.0.2") < hosts.indexOf("cache.test"),
        hosts);
    assertTrue(hosts.contains("ca = "), hosts);
    assertEquals("certificate", prepended.get("reg.test:5000/ca.crt"));
    assertEquals(EXISTING, prepended.get("_backup/reg.test:5000/hosts.toml"));

    cleanUp(folder);
    assertEquals(before, files(folder));
  }

  @Test
  void configuration_writesTheDefault_whenNoRegistryIsNamed(@TempDir Path folder)
      throws IOException {
    configuration(folder, "--resolve-tags=false");
    assertEquals(
        """
        [host.'http://10.0.0.1:30020']
        capabilities = ['pull']
        dial_timeout = '200ms'

        [host.'http://10.0.0.2:30021']
        capabilities = ['pull']
        dial_timeout = '200ms'
        """
            .strip(),
        String.valueOf(files(folder).get("_default/hosts.toml")).strip());
  }

  @Test
  void configuration_exitsWith2AndWritesNothing_whenATargetIsNotAnAddress(@TempDir Path folder)
      throws IOException {
    Command.Outcome outcome =
        Spegel.run(
            "configuration",
            "--containerd-registry-config-path",
            folder.toString(),
            "--mirror-targets",
            "http://user:secret@10.0.0.1/path");
    assertEquals(2, outcome.exitCode(), outcome.output());
    // What stands before an @ may be a password.
    assertTrue(outcome.output().contains("@10.0.0.1/path"), outcome.output());
    assertFalse(outcome.output().contains("secret"), outcome.output());
    assertEquals(Map.of(), files(folder));
  }

  private static void configuration(Path folder, String... more) {
    Stream<String> arguments =
        Stream.of(
            "configuration",
            "--containerd-registry-config-path",
            folder.toString(),
            "--mirror-targets",
            "http://10.0.0.1:30020",
            "http://10.0.0.2:30021");
    Spegel.run(Stream.concat(arguments, Stream.of(more)).toArray(String[]::new)).orFail();
  }

  /** The command stays, to be counted by {@code cleanup-wait}, until it is told to end. */
  private static void cleanUp(Path folder) {
    try (CleanUp cleanUp = CleanUp.start(folder)) {
      cleanUp.awaitDone();
      Spegel.run(
              "cleanup-wait",
              "--probe-endpoint",
              cleanUp.authority(),
              "--threshold",
              "2",
              "--period",
              "10ms")
          .orFail();
      assertEquals(0, cleanUp.terminate());
    }
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(path).toString(), Files.readString(path));
      }
    }
    return files;
  }
}
