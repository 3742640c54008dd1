package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import spegel.oci.Digest;

/**
 * A containerd with root, state, socket and configuration of its own. It can be killed and started
 * again on what it has.
 */
public final class Containerd implements AutoCloseable {
  /** The namespace of Kubernetes' images. */
  public static final String NAMESPACE = "k8s.io";

  private final ContainerdVersion version;
  private final Path folder;
  private final Path root;
  private final UnaryOperator<List<String>> wrapper;
  private ChildProcess process;

  private Containerd(
      ContainerdVersion version, Path folder, Path root, UnaryOperator<List<String>> wrapper) {
    this.version = version;
    this.folder = folder;
    this.root = root;
    this.wrapper = wrapper;
    writeConfig();
    this.process = launch();
  }

  /** Starts one in the network of the tests. */
  public static Containerd start(ContainerdVersion version) {
    Path folder = RunFolder.current().newFolder("containerd");
    return new Containerd(version, folder, folder.resolve("root"), command -> command);
  }

  /** Starts one in a network of its own. */
  public static Containerd start(ContainerdVersion version, NetworkNamespace network) {
    Path folder = RunFolder.current().newFolder("containerd");
    return new Containerd(version, folder, folder.resolve("root"), network::wrap);
  }

  /** Starts one that keeps its content in the folder given. */
  public static Containerd start(ContainerdVersion version, Path root) {
    return new Containerd(
        version, RunFolder.current().newFolder("containerd"), root, command -> command);
  }

  /** Its socket. */
  public Path socket() {
    return folder.resolve("c.sock");
  }

  /** Where its content lies. */
  public Path contentPath() {
    return root.resolve("io.containerd.content.v1.content");
  }

  /** The file of the content, which is there only when it has it. */
  public Path file(Digest digest) {
    return contentPath()
        .resolve("blobs")
        .resolve(digest.algorithm().prefix())
        .resolve(digest.hex());
  }

  /**
   * The folder of its mirror configuration, {@code config_path} of its registries; empty at first.
   */
  public Path hostsFolder() {
    return folder.resolve("certs.d");
  }

  /** Lets the registry of this name be reached at the URL, and nowhere else. */
  public void reach(String registry, URI url) {
    try {
      Path hosts = Files.createDirectories(hostsFolder().resolve(registry));
      // containerd 1.6 takes no file without a host.
      Files.writeString(
          hosts.resolve("hosts.toml"),
          "server = '%s'\n[host.'%s']\ncapabilities = ['pull', 'resolve']\n".formatted(url, url));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Pulls and unpacks the image for this machine, or as more arguments say. */
  public Command.Outcome pull(String reference, String... more) {
    List<String> arguments = new ArrayList<>(List.of("images", "pull"));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--hosts-dir", hostsFolder().toString(), reference));
    return ctr(arguments.toArray(String[]::new));
  }

  /**
   * Fetches the content of an image for this machine, or as more arguments say, unpacking nothing.
   */
  public Command.Outcome fetch(String reference, String... more) {
    List<String> arguments = new ArrayList<>(List.of("content", "fetch"));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--hosts-dir", hostsFolder().toString(), reference));
    return ctr(arguments.toArray(String[]::new));
  }

  /** Removes the image, and at once what no other image holds. */
  public void removeImage(String reference) {
    ctr("images", "rm", "--sync", reference).orFail();
  }

  /** The digests of all content. */
  public Set<Digest> contents() {
    return ctr("content", "ls", "-q").orFail().lines().stream()
        .filter(line -> line.startsWith("sha")) // And not a warning.
        .map(Digest::parse)
        .collect(Collectors.toSet());
  }

  /** Runs the command-line client in the namespace of Kubernetes. */
  public Command.Outcome ctr(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(version.program("ctr"), "-a", socket().toString(), "-n", NAMESPACE));
    command.addAll(List.of(arguments));
    return Command.run(wrapper.apply(command));
  }

  /** Kills it, as a crash would. */
  public void kill() {
    process.kill();
  }

  /** Stops its threads where they are: it accepts connections, and says nothing. */
  public void freeze() {
    Command.run("kill", "-STOP", Long.toString(process.pid())).orFail();
  }

  /** Ends {@link #freeze}. */
  public void thaw() {
    Command.run("kill", "-CONT", Long.toString(process.pid())).orFail();
  }

  /** Starts it again on what it has. */
  public void restart() {
    process.close();
    process = launch();
  }

  private ChildProcess launch() {
    List<String> command =
        List.of(
            version.program("containerd"), "--config", folder.resolve("config.toml").toString());
    ChildProcess started =
        ChildProcess.start(
            "containerd " + version, folder.resolve("log"), Map.of(), wrapper.apply(command));
    Await.until(
        "containerd answers",
        Duration.ofSeconds(20),
        () -> {
          if (!started.alive()) {
            throw new AssertionError("containerd ended: " + started.tail(4 << 10));
          }
          return Files.exists(socket()) && ctr("version").exitCode() == 0;
        });
    return started;
  }

  /**
   * No container is run, so neither Kubernetes' interface nor the folders of such plugins are
   * needed.
   */
  private void writeConfig() {
    try {
      Files.createDirectories(hostsFolder());
      Files.writeString(
          folder.resolve("config.toml"),
          """
          version = 2
          root = '%s'
          state = '%s'
          disabled_plugins = [
            'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images',
            'io.containerd.podsandbox.controller.v1.podsandbox', 'io.containerd.nri.v1.nri',
            'io.containerd.internal.v1.opt',
          ]
          [grpc]
            address = '%s'
          """
              .formatted(root, folder.resolve("state"), socket()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
