package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import spegel.containerd.Finding.Severity;

class RuntimeCheckTest {
  /** Cut from what containerd 1.6.20 answers. */
  private static final String STATUS_1 =
      "{\"containerd\":{\"snapshotter\":\"native\",\"discardUnpackedLayers\":%s},"
          + "\"registry\":{\"configPath\":\"%s\",\"mirrors\":null}}";

  /** Cut from what containerd 2.4.2 answers. */
  private static final String STATUS_2 =
      "{\"containerd\":{\"defaultRuntimeName\":\"runc\"},\"cni\":{\"binDirs\":[\"/opt/cni/bin\"]}}";

  @TempDir Path directory;
  private ContainerdServer server;
  private UnixTransport transport;
  private ContainerdClient client;

  @BeforeEach
  void connect() throws IOException {
    server = new ContainerdServer(directory).start();
    transport = new UnixTransport();
    client = new ContainerdClient(transport.channel(server.socket()), ContainerdServer.NAMESPACE);
  }

  @AfterEach
  void close() {
    client.close();
    transport.close();
    server.close();
  }

  @Test
  void findings_areNone_whenTheCriPluginSaysSo() {
    server.version = "1.6.20~ds1";
    server.runtimeInfo.put("config", STATUS_1.formatted(false, "/etc/containerd/certs.d/"));

    assertEquals(List.of(), findings());
  }

  @Test
  void findings_nameTheLines_whenContainerd1DiscardsLayers() {
    server.version = "1.7.27";
    server.runtimeInfo.put("config", STATUS_1.formatted(true, "/a:/etc/containerd/certs.d"));

    Finding finding = onlyFinding();

    assertEquals(Severity.WARNING, finding.severity());
    assertEquals(
        """
        [plugins."io.containerd.grpc.v1.cri".containerd]
          discard_unpacked_layers = false
        """,
        finding.toml());
  }

  @Test
  void findings_nameBothFolders_whenAnotherConfigPathIsSet() {
    server.version = "1.6.20";
    server.runtimeInfo.put("config", STATUS_1.formatted(false, "/etc/other"));

    Finding finding = onlyFinding();

    assertEquals(Severity.WARNING, finding.severity());
    assertTrue(finding.problem().contains("/etc/other"), finding.problem());
    assertTrue(finding.problem().contains("/etc/containerd/certs.d"), finding.problem());
    assertEquals(
        """
        [plugins."io.containerd.grpc.v1.cri".registry]
          config_path = "/etc/containerd/certs.d"
        """,
        finding.toml());
  }

  @Test
  void findings_comeFromTheFile_whenContainerd2TellsNothing() throws IOException {
    server.runtimeInfo.put("config", STATUS_2);
    configFile(
        """
        version = 3
        [plugins."io.containerd.cri.v1.images"]
          discard_unpacked_layers = true
        [plugins."io.containerd.cri.v1.images".registry]
          config_path = "/etc/other"
        """);

    List<Finding> findings = findings();

    assertEquals(2, findings.size());
    assertEquals(
        """
        [plugins."io.containerd.cri.v1.images"]
          discard_unpacked_layers = false
        """,
        findings.get(0).toml());
    assertEquals(
        """
        [plugins."io.containerd.cri.v1.images".registry]
          config_path = "/etc/containerd/certs.d"
        """,
        findings.get(1).toml());
  }

  @Test
  void findings_seeThatAnOldSectionHasNoEffect_whenTheFileIsOfVersion3() throws IOException {
    server.version = "v2.1.4";
    server.runtimeInfo.put("config", STATUS_2);
    configFile(
        """
        version = 3
        [plugins."io.containerd.grpc.v1.cri".registry]
          config_path = "/etc/containerd/certs.d"
        """);

    assertTrue(onlyFinding().problem().contains("from nowhere"), onlyFinding().problem());
  }

  @Test
  void findings_areNone_whenAFileOfVersion2HasTheOldSections() throws IOException {
    server.version = "v2.0.5";
    server.runtimeInfo.put("config", STATUS_2);
    configFile(
        """
        version = 2
        [plugins."io.containerd.grpc.v1.cri".registry]
          config_path = "/etc/containerd/certs.d"
        """);

    assertEquals(List.of(), findings());
  }

  @Test
  void findings_areNone_whenContainerd22IsLeftAtItsDefaults() throws IOException {
    server.version = "v2.2.0";
    server.runtimeInfo.put("config", STATUS_2);
    configFile("version = 3\n");

    assertEquals(List.of(), findings());
  }

  /** The TOML parser alone takes minutes for this. */
  @Test
  @Timeout(30)
  void findings_comeSoon_whenTheFileIsMostlyComments() throws IOException {
    server.runtimeInfo.put("config", STATUS_2);
    configFile(
        "# one of many\n\n#\n".repeat(20_000)
            + "version = 3\n[plugins.'io.containerd.cri.v1.images']\n"
            + "discard_unpacked_layers = true # why\n");

    assertTrue(onlyFinding().problem().contains("throws layers away"));
  }

  @Test
  void findings_heedImports() throws IOException {
    server.runtimeInfo.put("config", STATUS_2);
    configFile("version = 3\nimports = [\"conf.d/*.toml\"]\n");
    Files.createDirectories(directory.resolve("conf.d"));
    Files.writeString(
        directory.resolve("conf.d/10.toml"),
        "version = 3\n[plugins.'io.containerd.cri.v1.images']\ndiscard_unpacked_layers = true\n");

    assertTrue(onlyFinding().problem().contains("throws layers away"));
  }

  @Test
  void findings_sayThatNothingIsKnown_whenThereIsNoFile() {
    server.runtimeInfo.put("config", STATUS_2);

    Finding finding = onlyFinding();

    assertEquals(Severity.INFO, finding.severity());
    assertTrue(finding.toml().contains("discard_unpacked_layers = false"), finding.toml());
    assertTrue(finding.toml().contains("config_path"), finding.toml());
  }

  @Test
  void findings_sayThatNothingIsKnown_whenAllIsNonsense() throws IOException {
    server.version = "?";
    server.runtimeInfo.put("config", "[".repeat(100_000));
    configFile("= = =\n[[[");

    assertEquals(Severity.INFO, onlyFinding().severity());
  }

  @Test
  void findings_sayThatTheCriPluginIsOff() {
    assertEquals(Severity.INFO, onlyFinding().severity());
  }

  private Finding onlyFinding() {
    List<Finding> findings = findings();
    assertEquals(1, findings.size(), findings::toString);
    return findings.getFirst();
  }

  private List<Finding> findings() {
    return RuntimeCheck.findings(
        client,
        new ContainerdOptions(
            server.socket(),
            ContainerdServer.NAMESPACE,
            null,
            ContainerdOptions.DEFAULT_REGISTRY_CONFIG_PATH,
            directory.resolve("config.toml")));
  }

  private void configFile(String toml) throws IOException {
    Files.writeString(directory.resolve("config.toml"), toml);
  }
}
