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
import spegel.oci.Descriptor;
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

  private Containerd(Builder builder) {
    this.version = builder.version;
    this.folder = RunFolder.current().newFolder("containerd");
    this.root = builder.root.isEmpty() ? folder.resolve("root") : Path.of(builder.root);
    this.wrapper = builder.wrapper;
    writeConfig(builder);
    this.process = launch();
  }

  /** Starts one in the network of the tests. */
  public static Containerd start(ContainerdVersion version) {
    return of(version).start();
  }

  /** Starts one in a network of its own. */
  public static Containerd start(ContainerdVersion version, NetworkNamespace network) {
    return of(version).in(network).start();
  }

  /** One that is not started yet. */
  public static Builder of(ContainerdVersion version) {
    return new Builder(version);
  }

  /** What a containerd is started with. */
  public static final class Builder {
    private final ContainerdVersion version;
    private String root = "";
    private boolean runtimeInterface;
    private boolean discardUnpackedLayers;
    private boolean wholeLayers;
    private UnaryOperator<List<String>> wrapper = command -> command;

    private Builder(ContainerdVersion version) {
      this.version = version;
    }

    /** Runs it, and its command-line client, in a network of its own. */
    public Builder in(NetworkNamespace network) {
      wrapper = network::wrap;
      return this;
    }

    /** Keeps its content in this folder. */
    public Builder root(Path folder) {
      root = folder.toString();
      return this;
    }

    /** Lets it offer the interface of Kubernetes, too. */
    public Builder runtimeInterface() {
      runtimeInterface = true;
      return this;
    }

    /** Configures the interface of Kubernetes so that layers go once they are unpacked. */
    public Builder discardUnpackedLayers() {
      discardUnpackedLayers = true;
      return this;
    }

    /** Lets it ask for each layer once, and not for ranges of it in parallel. */
    public Builder wholeLayers() {
      wholeLayers = true;
      return this;
    }

    /** Starts it and waits until it answers. */
    public Containerd start() {
      return new Containerd(this);
    }
  }

  /** Its socket. */
  public Path socket() {
    return folder.resolve("c.sock");
  }

  /** Where its content lies. */
  public Path contentPath() {
    return root.resolve("io.containerd.content.v1.content");
  }

  /** Where content lies that is on its way. */
  public Path ingestFolder() {
    return contentPath().resolve("ingest");
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
    reach(registry, url, url);
  }

  /** Lets the registry of this name be reached through the mirror first, and then at the URL. */
  public void reach(String registry, URI mirror, URI url) {
    try {
      Path hosts = Files.createDirectories(hostsFolder().resolve(registry));
      // containerd 1.6 takes no file without a host.
      Files.writeString(
          hosts.resolve("hosts.toml"),
          "server = '%s'\n[host.'%s']\ncapabilities = ['pull', 'resolve']\n"
              .formatted(url, mirror));
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

  /** The names of all images. */
  public List<String> images() {
    return ctr("images", "ls", "-q").orFail().lines();
  }

  /** Removes the image, and at once what no other image holds. */
  public void removeImage(String reference) {
    removeImages(List.of(reference));
  }

  /** Removes the images, and at once what no other image holds. */
  public void removeImages(List<String> references) {
    List<String> arguments = new ArrayList<>(List.of("images", "rm", "--sync"));
    arguments.addAll(references);
    ctr(arguments.toArray(String[]::new)).orFail();
  }

  /** Removes content that an image still holds, file and all. */
  public void removeContent(Digest digest) {
    ctr("content", "rm", digest.toString()).orFail();
    // The command removes what containerd knows of it; the file goes with the next collection.
    collectGarbage();
    if (Files.exists(file(digest))) {
      throw new AssertionError("containerd has kept the file of " + digest);
    }
  }

  /** Collects garbage now, of which containerd tells nobody. */
  public void collectGarbage() {
    // The end of any lease can ask for it.
    ctr("leases", "create", "--id", "collect").orFail();
    ctr("leases", "rm", "--sync", "collect").orFail();
  }

  /** Stores an image's content, as much of it as is given, under the name, or moves the name. */
  public void putImage(String name, Descriptor target, List<byte[]> blobs) {
    try (ContainerdApi api = new ContainerdApi(socket(), NAMESPACE)) {
      api.putImage(name, target, blobs);
    }
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
    return Command.run(wrapper.apply(ctrCommand(arguments)));
  }

  private List<String> ctrCommand(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(version.program("ctr"), "-a", socket().toString(), "-n", NAMESPACE));
    command.addAll(List.of(arguments));
    return command;
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

  private void writeConfig(Builder builder) {
    String config =
        switch (version) {
          case V2 -> configOfVersion2(builder);
          case DISTRIBUTION -> configOfVersion1(builder);
        };
    try {
      Files.createDirectories(hostsFolder());
      Files.writeString(folder.resolve("config.toml"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Layers of more than a mebibyte are fetched in parallel ranges, as version 2 can, unless told
   * otherwise.
   */
  private String configOfVersion2(Builder builder) {
    String kubernetes =
        builder.runtimeInterface
            ? ""
            : """
            , 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images',
              'io.containerd.podsandbox.controller.v1.podsandbox'\
            """;
    return """
    version = 3
    root = '%1$s'
    state = '%2$s'
    disabled_plugins = ['io.containerd.nri.v1.nri', 'io.containerd.internal.v1.opt'%3$s]
    [grpc]
      address = '%4$s'
    [plugins.'io.containerd.transfer.v1.local']
      max_concurrent_downloads = 4
      concurrent_layer_fetch_buffer = %7$d
    [plugins.'io.containerd.cri.v1.images']
      discard_unpacked_layers = %5$s
    [plugins.'io.containerd.cri.v1.images'.registry]
      config_path = '%6$s'
    [plugins.'io.containerd.cri.v1.runtime'.cni]
      bin_dirs = ['%2$s']
      conf_dir = '%2$s'
    """
        .formatted(
            root,
            folder.resolve("state"),
            kubernetes,
            socket(),
            builder.discardUnpackedLayers,
            hostsFolder(),
            builder.wholeLayers ? 0 : 1 << 20);
  }

  private String configOfVersion1(Builder builder) {
    return """
    version = 2
    root = '%1$s'
    state = '%2$s'
    disabled_plugins = ['io.containerd.internal.v1.opt'%3$s]
    [grpc]
      address = '%4$s'
    [plugins.'io.containerd.grpc.v1.cri'.containerd]
      discard_unpacked_layers = %5$s
    [plugins.'io.containerd.grpc.v1.cri'.registry]
      config_path = '%6$s'
    [plugins.'io.containerd.grpc.v1.cri'.cni]
      bin_dir = '%2$s'
      conf_dir = '%2$s'
    """
        .formatted(
            root,
            folder.resolve("state"),
            builder.runtimeInterface ? "" : ", 'io.containerd.grpc.v1.cri'",
            socket(),
            builder.discardUnpackedLayers,
            hostsFolder());
  }

  @Override
  public void close() {
    process.close();
  }
}
