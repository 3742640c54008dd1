package spegel.app.command;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import spegel.app.command.CommandDefinition.Section;
import spegel.app.command.VersionConfiguration.Format;
import spegel.app.log.LogLevel;
import spegel.containerd.hosts.MirrorOptions;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.containerd.hosts.RegistryFormatException;
import spegel.containerd.hosts.RegistryUrl;
import spegel.http.ListenAddress;

/** All commands of the program. */
final class Commands {
  static final Flag<LogLevel> LOG_LEVEL =
      Flag.of(
          "log-level",
          "LEVEL",
          "INFO",
          "What is logged: DEBUG, INFO, WARN or ERROR.",
          Values.oneOf(LogLevel.class));

  private static final Flag<Path> CONFIG_PATH =
      Flag.of(
          "containerd-registry-config-path",
          "DIR",
          "/etc/containerd/certs.d",
          "containerd's folder of mirror configuration.",
          Values::path);

  private static final Flag<List<MirroredRegistry>> MIRRORED_REGISTRIES =
      Flag.list(
          "mirrored-registries",
          "URL",
          "The registries to mirror, such as https://docker.io. Empty: all.",
          Values::mirroredRegistry);
  private static final Flag<List<RegistryUrl>> MIRROR_TARGETS =
      Flag.list(
          "mirror-targets",
          "URL",
          "The mirrors that containerd asks before the registry, in this order, such as"
              + " http://10.0.0.1:30020. At least one.",
          Values::mirrorTarget);
  private static final Flag<Boolean> RESOLVE_TAGS =
      Flag.toggle("resolve-tags", true, "Ask mirrors for tags too, not for digests only.");
  private static final Flag<Boolean> PREPEND_EXISTING =
      Flag.toggle(
          "prepend-existing", false, "Keep the hosts that are configured already, after ours.");

  private static final Flag<ListenAddress> ADDR =
      Flag.of(
          "addr",
          "ADDR",
          ":8080",
          "Where /readyz answers 200 once the clean-up is done.",
          Values::address);

  private static final Flag<ListenAddress> PROBE_ENDPOINT =
      Flag.required(
          "probe-endpoint",
          "HOST:PORT",
          "A name that resolves to the address of each node that cleans up, and the port of its"
              + " --addr.",
          Values::address);
  private static final Flag<Integer> THRESHOLD =
      Flag.of(
          "threshold",
          "COUNT",
          "3",
          "How many times in a row all nodes have to be done.",
          Values.number(1, 10_000));
  private static final Flag<Duration> PERIOD =
      Flag.of("period", "DURATION", "2s", "The time between two looks.", Values::positiveDuration);

  private static final Flag<Format> FORMAT =
      Flag.of("format", "FORMAT", "text", "text or json.", Values.oneOf(Format.class));

  static final List<CommandDefinition> ALL =
      List.of(
          new CommandDefinition(
              "registry",
              "Serve this node's images to containerd and to other nodes",
              "Serves the images that this node has, and those that other nodes have, to containerd.",
              RegistryFlags.SECTIONS,
              RegistryFlags::configure),
          new CommandDefinition(
              "configuration",
              "Tell containerd to ask mirrors first",
              "Writes containerd's mirror configuration. What was there is moved to _backup first.",
              List.of(
                  new Section("containerd", List.of(CONFIG_PATH)),
                  new Section(
                      "Mirrors",
                      List.of(
                          MIRROR_TARGETS, MIRRORED_REGISTRIES, RESOLVE_TAGS, PREPEND_EXISTING))),
              values -> new HostsConfiguration(values.get(CONFIG_PATH), mirrors(values))),
          new CommandDefinition(
              "cleanup",
              "Put containerd's mirror configuration back as it was",
              "Restores what the command configuration moved to _backup, then answers probes until"
                  + " it is stopped.",
              List.of(
                  new Section("containerd", List.of(CONFIG_PATH)),
                  new Section("Probe", List.of(ADDR))),
              values -> new CleanupConfiguration(values.get(ADDR), values.get(CONFIG_PATH))),
          new CommandDefinition(
              "cleanup-wait",
              "Wait until every node has cleaned up",
              "Looks again and again whether the command cleanup is done on every node, and ends"
                  + " when it is.",
              List.of(new Section("Probe", List.of(PROBE_ENDPOINT, THRESHOLD, PERIOD))),
              values ->
                  new CleanupWaitConfiguration(
                      values.get(PROBE_ENDPOINT), values.get(THRESHOLD), values.get(PERIOD))),
          new CommandDefinition(
              "demo",
              "Show on this machine what a cluster does",
              "Starts three nodes and a registry in this process, on loopback addresses and in a"
                  + " temporary folder, and pulls an image: by the first node from the registry,"
                  + " through a slow link; by the second from its peer; by the third with the"
                  + " registry off. Tells for each how long it took and where its bytes came from.",
              DemoFlags.SECTIONS,
              DemoFlags::configure),
          new CommandDefinition(
              "version",
              "Print the version",
              "Prints the version of this program and of the Java runtime.",
              List.of(new Section("Output", List.of(FORMAT))),
              values -> new VersionConfiguration(values.get(FORMAT))));

  private Commands() {}

  private static MirrorOptions mirrors(FlagValues values) {
    List<RegistryUrl> targets = values.get(MIRROR_TARGETS);
    if (targets.isEmpty()) {
      throw new InvalidArgumentsException("--mirror-targets: at least one must be given");
    }
    try {
      return new MirrorOptions(
          values.get(MIRRORED_REGISTRIES),
          targets,
          values.get(RESOLVE_TAGS),
          values.get(PREPEND_EXISTING),
          null);
    } catch (RegistryFormatException e) {
      throw new InvalidArgumentsException(String.valueOf(e.getMessage()));
    }
  }
}
