package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Our program as it runs on a node: a process of its own, started by the launcher that ships. */
public final class SpegelNode implements ServingNode {
  private static final Duration READY_WITHIN = Duration.ofSeconds(20);

  private final ChildProcess process;
  private final RegistryClient registry;
  private final RegistryClient metrics;

  private SpegelNode(ChildProcess process, RegistryClient registry, RegistryClient metrics) {
    this.process = process;
    this.registry = registry;
    this.metrics = metrics;
  }

  /** A node that serves what the containerd has. */
  public static Builder beside(Containerd containerd) {
    return new Builder(
        List.of(
            "--containerd-sock",
            containerd.socket().toString(),
            "--containerd-content-path",
            containerd.contentPath().toString()));
  }

  /** A node that serves an OCI image layout. */
  public static Builder overLayout(Path layout) {
    return new Builder(List.of("--store", "oci-layout:" + layout));
  }

  /** What a node is started with. */
  public static final class Builder {
    private final List<String> flags;
    private UnaryOperator<List<String>> wrapper = command -> command;
    private String address = "127.0.0.1";
    private int registryPort;
    private int routerPort;

    private Builder(List<String> storeFlags) {
      flags = new ArrayList<>(storeFlags);
    }

    /** More flags. */
    public Builder flags(String... more) {
      flags.addAll(List.of(more));
      return this;
    }

    /** Runs it in a network of its own. */
    public Builder in(NetworkNamespace network) {
      address = network.address();
      return wrapped(network::wrap);
    }

    /** Lets it listen on this address of the tests' own network. */
    public Builder listen(String newAddress) {
      address = newAddress;
      return this;
    }

    /** Has it serve at this port instead of a free one. */
    public Builder registryPort(int port) {
      registryPort = port;
      return this;
    }

    /** Has other nodes' routers connect at this port instead of a free one. */
    public Builder routerPort(int port) {
      routerPort = port;
      return this;
    }

    /** Runs it by another command, outside of those given before. */
    public Builder wrapped(UnaryOperator<List<String>> outer) {
      UnaryOperator<List<String>> inner = wrapper;
      wrapper = command -> outer.apply(inner.apply(command));
      return this;
    }

    /** Starts it and waits until it is ready. */
    public SpegelNode start() {
      SpegelNode node = launch();
      Await.until("the node is ready", READY_WITHIN, node::ready);
      return node;
    }

    /** Starts it and waits for nothing. */
    public SpegelNode launch() {
      String registryAddress = address + ":" + orFree(registryPort);
      String metricsAddress = address + ":" + FreePort.next();
      List<String> arguments = new ArrayList<>(List.of("registry"));
      arguments.addAll(flags);
      arguments.addAll(List.of("--registry-addr", registryAddress));
      arguments.addAll(List.of("--metrics-addr", metricsAddress));
      arguments.addAll(List.of("--router-addr", address + ":" + orFree(routerPort)));
      ChildProcess process =
          ChildProcess.start(
              "spegel",
              RunFolder.current().newFolder("spegel").resolve("log"),
              Map.of(),
              wrapper.apply(Spegel.command(arguments)));
      return new SpegelNode(
          process,
          new RegistryClient(URI.create("http://" + registryAddress)),
          new RegistryClient(URI.create("http://" + metricsAddress)));
    }

    private static int orFree(int port) {
      return port == 0 ? FreePort.next() : port;
    }
  }

  @Override
  public RegistryClient registry() {
    return registry;
  }

  /** {@code host:port} of its registry. */
  public String authority() {
    return registry.base().getAuthority();
  }

  /** A client of its metrics and diagnostics. */
  public RegistryClient diagnostics() {
    return metrics;
  }

  /** Its process. */
  public ChildProcess process() {
    return process;
  }

  /** Whether it says that it is ready; an {@link AssertionError} when it has ended. */
  @Override
  public boolean ready() {
    return process.answers(registry, "/readyz");
  }

  /** All that it has logged. */
  public List<LogRecord> log() {
    return logLines().filter(line -> line.startsWith("{")).map(LogRecord::parse).toList();
  }

  /** The lines that are not JSON objects, such as a stack trace's. */
  public List<String> unstructuredLog() {
    return logLines().filter(line -> !line.startsWith("{")).toList();
  }

  private Stream<String> logLines() {
    try {
      String text = Files.readString(process.log());
      // The last line may be half-written.
      return text.substring(0, text.lastIndexOf('\n') + 1).lines();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The keys of all events of this type, {@code CREATE} or {@code DELETE}, that it has logged. */
  public Set<String> events(String type) {
    return log().stream()
        .filter(line -> line.message().equals("OCI event") && line.text("type").equals(type))
        .map(line -> line.text("key"))
        .collect(Collectors.toSet());
  }

  /** Waits for an event of this type for each of the keys. */
  public void awaitEvents(String type, Set<String> keys) {
    Await.until(type + " of " + keys, Duration.ofSeconds(15), () -> events(type).containsAll(keys));
  }

  /** Its metrics as they are now. */
  public Metrics metrics() {
    return Metrics.parse(new String(metrics.get("/metrics").body(), StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    process.close();
  }
}
