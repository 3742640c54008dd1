package spegel.e2e.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.BasicAuthSecret;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.ServingNode;
import spegel.e2e.harness.SpegelNode;

/**
 * Whole nodes of both kinds in one cluster. A place is what of a node stays when its program is
 * another: its network, its content, an image that no other place has, and its identity.
 */
final class MixedCluster implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(30);

  private static final int REGISTRY_PORT = 5000;
  private static final int ROUTER_PORT = 5001;

  /** Which program a node is. */
  enum Kind {
    OURS,
    GO
  }

  /** What stays of a node. */
  record Place(
      NetworkNamespace network, String repository, OciImage image, Path layout, Path data) {

    private static Place create(Path folder, int number, OciImage image) {
      String repository = "team/app" + number;
      try {
        Path layout = folder.resolve("layout" + number);
        OciImage.writeLayout(layout, Map.of("upstream.test/" + repository + ":1", image));
        Path data = Files.createDirectories(folder.resolve("data" + number));
        return new Place(NetworkNamespace.create(), repository, image, layout, data);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String registryAddress() {
      return network.address() + ":" + REGISTRY_PORT;
    }

    String routerAddress() {
      return "/ip4/%s/tcp/%d".formatted(network.address(), ROUTER_PORT);
    }
  }

  private final List<Place> places;
  private final Optional<BasicAuthSecret> secret;
  private final Optional<Duration> resolveTimeout;
  private final AtomicReferenceArray<@Nullable Node> nodes;

  private record Node(Kind kind, ServingNode serving) {}

  private MixedCluster(
      List<Place> places, Optional<BasicAuthSecret> secret, Optional<Duration> resolveTimeout) {
    this.places = places;
    this.secret = secret;
    this.resolveTimeout = resolveTimeout;
    this.nodes = new AtomicReferenceArray<>(places.size());
  }

  /**
   * Starts a node of each of the kinds, and returns when all are ready.
   *
   * @param resolveTimeout how long nodes search for others; as they do by themselves when empty
   */
  static MixedCluster start(
      Path folder,
      List<OciImage> images,
      List<Kind> kinds,
      Optional<BasicAuthSecret> secret,
      Optional<Duration> resolveTimeout) {
    List<Place> places =
        IntStream.range(0, images.size())
            .mapToObj(i -> Place.create(folder, i, images.get(i)))
            .toList();
    MixedCluster cluster = new MixedCluster(places, secret, resolveTimeout);
    try {
      IntStream.range(0, places.size())
          .forEach(i -> cluster.nodes.set(i, cluster.launch(kinds.get(i), i, secret)));
      IntStream.range(0, places.size()).forEach(cluster::awaitReady);
    } catch (Throwable e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /** Where nodes are, whether one is there or not. */
  List<Place> places() {
    return places;
  }

  /** Which program the node of a place is. */
  Kind kind(int place) {
    return node(place).kind();
  }

  /** A client of a place's registry, with credentials if there are any. */
  RegistryClient client(int place) {
    RegistryClient client = anonymous(place);
    return secret
        .map(basicAuth -> client.with("Authorization", basicAuth.authorization()))
        .orElse(client);
  }

  /** A client of a place's registry, without credentials. */
  RegistryClient anonymous(int place) {
    return node(place).serving().registry();
  }

  private Node node(int place) {
    Node node = nodes.get(place);
    if (node == null) {
      throw new AssertionError("no node has been at place " + place);
    }
    return node;
  }

  /** Ends the node of a place, starts one of the kind there, and returns when that is ready. */
  void replace(int place, Kind kind) {
    replace(place, kind, secret);
  }

  /** Replaces a node by one that has other credentials than the cluster. */
  void replace(int place, Kind kind, Optional<BasicAuthSecret> itsSecret) {
    node(place).serving().close();
    nodes.set(place, launch(kind, place, itsSecret));
    awaitReady(place);
  }

  private void awaitReady(int place) {
    Node node = node(place);
    Await.until(node.kind() + " is ready at " + place, READY_WITHIN, node.serving()::ready);
  }

  private Node launch(Kind kind, int place, Optional<BasicAuthSecret> itsSecret) {
    return switch (kind) {
      case OURS -> new Node(kind, launchOurs(places.get(place), itsSecret));
      case GO ->
          new Node(kind, GoNode.launch(places.get(place), bootstrap(), itsSecret, resolveTimeout));
    };
  }

  private SpegelNode launchOurs(Place place, Optional<BasicAuthSecret> itsSecret) {
    List<String> flags = new ArrayList<>();
    flags.add("--data-dir=" + place.data());
    flags.add("--bootstrap-kind=static");
    bootstrap().forEach(peer -> flags.add("--static-bootstrap-peers=" + peer));
    resolveTimeout.ifPresent(
        timeout -> flags.add("--mirror-resolve-timeout=" + timeout.toMillis() + "ms"));
    SpegelNode.Builder node =
        SpegelNode.overLayout(place.layout())
            .in(place.network())
            .registryPort(REGISTRY_PORT)
            .routerPort(ROUTER_PORT)
            .flags(flags.toArray(String[]::new));
    itsSecret.ifPresent(basicAuth -> node.wrapped(basicAuth::mountedFor));
    return node.launch();
  }

  /** All, the node itself among them. */
  private List<String> bootstrap() {
    return places.stream().map(Place::routerAddress).toList();
  }

  @Override
  public void close() {
    for (int i = 0; i < nodes.length(); i++) {
      Node node = nodes.get(i);
      if (node != null) {
        node.serving().close();
      }
    }
    places.forEach(place -> place.network().close());
  }
}
