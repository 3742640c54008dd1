package spegel.e2e.interop;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import spegel.e2e.harness.BasicAuthSecret;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.ServingNode;

/**
 * A node of the kind that the Go program is: a process of go-libp2p with a registry of its own, see
 * {@code interop/README.md}.
 */
final class GoNode implements ServingNode {
  private final PeerProcess process;
  private final RegistryClient registry;

  private GoNode(PeerProcess process, RegistryClient registry) {
    this.process = process;
    this.registry = registry;
  }

  /**
   * Starts one and waits for nothing.
   *
   * @param bootstrap multiaddrs of the first peers, without ids
   */
  static GoNode launch(
      MixedCluster.Place place,
      List<String> bootstrap,
      Optional<BasicAuthSecret> secret,
      Optional<Duration> resolveTimeout) {
    String address = place.registryAddress();
    Map<String, Object> registry =
        Map.of(
            "addr", address,
            "layout", place.layout().toString(),
            "bootstrap", bootstrap,
            "username", secret.map(BasicAuthSecret::username).orElse(""),
            "password", secret.map(BasicAuthSecret::password).orElse(""),
            "resolveTimeoutMillis", resolveTimeout.map(Duration::toMillis).orElse(0L));
    Path keyFile = place.data().resolve("private.key");
    PeerProcess process = PeerProcess.go(place.network());
    process.host(
        Map.of(
            "kad",
            true,
            "listen",
            List.of(place.routerAddress()),
            "keyFile",
            keyFile.toString(),
            "registry",
            registry));
    return new GoNode(process, new RegistryClient(URI.create("http://" + address)));
  }

  @Override
  public RegistryClient registry() {
    return registry;
  }

  @Override
  public void close() {
    process.close();
  }
}
