package spegel.containerd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import spegel.containerd.Finding.Severity;
import spegel.containerd.proto.ServerResponse;

/**
 * Finds out whether containerd is configured so that a mirror can work: whether it keeps the layers
 * that it has unpacked, and looks for mirrors where their configuration is written.
 */
final class RuntimeCheck {
  /** What containerd reads from 2.2 on when nothing is set. */
  private static final String DEFAULT_CONFIG_PATH = "/etc/containerd/certs.d:/etc/docker/certs.d";

  private final ContainerdOptions options;
  private final ContainerdVersion version;
  private final Optional<ConfigFile> file;

  private RuntimeCheck(
      ContainerdOptions options, ContainerdVersion version, Optional<ConfigFile> file) {
    this.options = options;
    this.version = version;
    this.file = file;
  }

  /**
   * Asks the CRI plugin first, which knows what is in force, then reads the configuration file.
   *
   * @throws spegel.store.StoreException when the CRI plugin does not answer, as while it starts
   */
  static List<Finding> findings(ContainerdClient client, ContainerdOptions options) {
    Optional<Map<String, String>> info = client.runtimeInfo();
    if (info.isEmpty()) {
      return List.of(
          new Finding(
              Severity.INFO,
              "the CRI plugin of the containerd at "
                  + options.socket()
                  + " is off: whether layers are kept, and mirrors are asked, was not checked",
              "none is needed if images are not pulled by a kubelet",
              ""));
    }
    CriConfiguration status = CriConfiguration.ofStatus(info.get().getOrDefault("config", ""));
    ContainerdVersion version = ContainerdVersion.parse(client.version());
    if (status.complete()) {
      return new RuntimeCheck(options, version, Optional.empty()).judge(status);
    }
    ServerResponse server = client.server();
    Path file =
        new ServerProcess(Path.of("/proc"))
            .configFile(server.getPid(), server.getPidNamespace())
            .orElse(options.configFile());
    return new RuntimeCheck(options, version, ConfigFile.read(file)).judge(status);
  }

  private List<Finding> judge(CriConfiguration status) {
    CriConfiguration known = file.map(read -> status.or(read.cri()).or(defaults())).orElse(status);
    List<Finding> findings = new ArrayList<>();
    if (Boolean.TRUE.equals(known.discardUnpackedLayers())) {
      findings.add(
          new Finding(
              Severity.WARNING,
              "containerd throws layers away once they are unpacked: other nodes cannot get them"
                  + " from this one",
              "set discard_unpacked_layers and restart containerd",
              discardToml()));
    }
    String configPath = known.configPath();
    if (configPath != null && !names(configPath, options.registryConfigPath())) {
      findings.add(
          new Finding(
              Severity.WARNING,
              "containerd reads registry configuration from "
                  + (configPath.isEmpty() ? "nowhere" : configPath)
                  + ", not from "
                  + options.registryConfigPath()
                  + ": it never asks this mirror",
              "set config_path and restart containerd",
              configPathToml()));
    }
    if (!known.complete()) {
      findings.add(unknown());
    }
    return findings;
  }

  private Finding unknown() {
    return new Finding(
        Severity.INFO,
        "containerd "
            + version.text()
            + " does not tell how it handles images, and "
            + options.configFile()
            + " is not to be read here: whether layers are kept, and mirrors are asked, was not"
            + " checked",
        "see that its configuration has these lines",
        discardToml() + configPathToml());
  }

  private CriConfiguration defaults() {
    return new CriConfiguration(false, version.atLeast(2, 2) ? DEFAULT_CONFIG_PATH : "");
  }

  private static boolean names(String configPath, Path wanted) {
    for (String folder : configPath.split(":", -1)) {
      if (folder.indexOf('\0') < 0 && Path.of(folder).normalize().equals(wanted.normalize())) {
        return true;
      }
    }
    return false;
  }

  private String discardToml() {
    String table =
        newSections()
            ? "[plugins.\"io.containerd.cri.v1.images\"]\n"
            : "[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n";
    return table + "  discard_unpacked_layers = false\n";
  }

  private String configPathToml() {
    String table =
        newSections()
            ? "[plugins.\"io.containerd.cri.v1.images\".registry]\n"
            : "[plugins.\"io.containerd.grpc.v1.cri\".registry]\n";
    return table + "  config_path = \"" + options.registryConfigPath() + "\"\n";
  }

  /** A containerd 2 still reads a file of version 2, with that version's sections. */
  private boolean newSections() {
    return file.map(read -> read.version() >= 3).orElse(version.atLeast(2, 0));
  }
}
