package spegel.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.RegistryConfiguration.Bootstrap;
import spegel.app.command.RegistryConfiguration.Content;
import spegel.app.command.RegistryConfiguration.MirrorResolve;
import spegel.app.command.RegistryConfiguration.Store;
import spegel.app.node.Node;
import spegel.http.ListenAddress;
import spegel.mirror.VerifyBlobs;

/** A node of the demo: what {@code registry} runs, at an address and with a folder of its own. */
final class DemoNode implements Server, AutoCloseable {
  private static final int MAX_METRICS_BYTES = 4 * 1024 * 1024;
  private static final String CONTENT_HANDLER = "handler=\"/v2/*\"";

  /** As the flags of registry have them by default. */
  private static final MirrorResolve RESOLVE =
      new MirrorResolve(Duration.ofMillis(20), 3, VerifyBlobs.SUSPICION);

  private final String name;
  private final Layout layout;
  private final Node node;

  private DemoNode(String name, Layout layout, Node node) {
    this.name = name;
    this.layout = layout;
    this.node = node;
  }

  /**
   * Where nodes are; all of them agree on the ports.
   *
   * @param all their addresses
   * @param registryPort where each serves
   * @param routerPort where each one's router listens
   */
  record Cluster(List<InetAddress> all, int registryPort, int routerPort) {
    Cluster {
      all = List.copyOf(all);
    }

    private List<String> routers() {
      return all.stream()
          .map(address -> "/ip4/%s/tcp/%d".formatted(address.getHostAddress(), routerPort))
          .toList();
    }
  }

  /** Starts one with an empty store. */
  static DemoNode start(Cluster cluster, int index, Path folder, String agentVersion)
      throws IOException {
    String name = "node " + (index + 1);
    Layout layout = Layout.create(folder.resolve("node-" + (index + 1)));
    String host = cluster.all().get(index).getHostAddress();
    RegistryConfiguration configuration =
        new RegistryConfiguration(
            new ListenAddress(host, cluster.registryPort()),
            new ListenAddress(host, 0),
            new ListenAddress(host, cluster.routerPort()),
            new Store.OciLayout(layout.root()),
            new Content(List.of(), List.of()),
            RESOLVE,
            new Bootstrap.Static(cluster.routers()),
            null,
            true);
    // Without credentials, whatever this machine may have of a real node's.
    Path none = folder.resolve("no-credentials");
    return new DemoNode(name, layout, Node.start(configuration, agentVersion, none, _ -> {}));
  }

  @Override
  public String name() {
    return name;
  }

  Layout layout() {
    return layout;
  }

  InetSocketAddress registryAddress() {
    return node.registryAddress();
  }

  InetSocketAddress metricsAddress() {
    return node.metricsAddress();
  }

  /** Whether it is ready, and connected with so many others. */
  boolean isConnectedTo(int others) throws IOException {
    return readyStatus() == HttpURLConnection.HTTP_OK
        && metrics().sum("spegel_router_connected_peers", "") >= others;
  }

  private int readyStatus() throws IOException {
    HttpURLConnection connection = Requests.get(registryAddress(), "/readyz");
    int status = connection.getResponseCode();
    connection.disconnect();
    return status;
  }

  @Override
  public Sent sent() throws IOException {
    MetricsText metrics = metrics();
    return new Sent(
        (long) metrics.sum("http_response_size_bytes_sum", CONTENT_HANDLER),
        (int) metrics.sum("http_requests_inflight", CONTENT_HANDLER));
  }

  private MetricsText metrics() throws IOException {
    try (InputStream in = Requests.get(metricsAddress(), "/metrics").getInputStream()) {
      return new MetricsText(new String(in.readNBytes(MAX_METRICS_BYTES), StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    node.stop();
  }
}
