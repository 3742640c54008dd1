package spegel.app.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.app.command.CommandFailedException;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.RegistryConfiguration.Bootstrap;
import spegel.app.diagnostics.DiagnosticRoutes;
import spegel.app.metrics.Metrics;
import spegel.app.web.NodeParts;
import spegel.app.web.Traffic;
import spegel.auth.BasicCredentials;
import spegel.auth.CredentialsException;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.http.HttpRoutes;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;
import spegel.http.ListenAddress;
import spegel.mirror.Deliveries;
import spegel.mirror.Mirror;
import spegel.oci.ReferenceFilter;
import spegel.registry.Mirroring;
import spegel.registry.RegistryOptions;
import spegel.registry.RegistryServer;
import spegel.routing.kad.KadRouter;
import spegel.store.ContentStore;
import spegel.store.ManifestCache;
import spegel.tracking.Tracker;

/** A node of the cluster, running. */
public final class Node {
  private static final Logger log = LoggerFactory.getLogger(Node.class);

  /** Where a Pod has the secret of basic auth, when there is one. */
  public static final Path CREDENTIALS = Path.of("/etc/secrets/basic-auth");

  /** Of the 30 s that Kubernetes leaves, what running transfers have. */
  private static final Duration TRANSFER_GRACE = Duration.ofSeconds(25);

  private final ContentStore store;
  private final KadRouter router;
  private final Tracker tracker;
  private final Mirror mirror;
  private final RunningRequests requests;
  private final RegistryServer registry;
  private final HttpServer diagnostics;
  private final Optional<HttpServer> bootstrap;

  private Node(
      ContentStore store,
      KadRouter router,
      Tracker tracker,
      Mirror mirror,
      RunningRequests requests,
      RegistryServer registry,
      HttpServer diagnostics,
      Optional<HttpServer> bootstrap) {
    this.store = store;
    this.router = router;
    this.tracker = tracker;
    this.mirror = mirror;
    this.requests = requests;
    this.registry = registry;
    this.diagnostics = diagnostics;
    this.bootstrap = bootstrap;
  }

  /**
   * Starts all parts; it listens when this returns, and is ready a little later.
   *
   * @param agentVersion what the node calls itself towards others
   * @param credentials the folder with the user name and password of basic auth, if it is there
   * @param hopeless told why, when only a new start of this process helps
   * @throws CommandFailedException when an address, the store or the credentials cannot be used
   */
  public static Node start(
      RegistryConfiguration configuration,
      String agentVersion,
      Path credentials,
      Consumer<String> hopeless) {
    Optional<BasicCredentials> basicAuth;
    try {
      basicAuth = BasicCredentials.load(credentials);
    } catch (CredentialsException e) {
      throw new CommandFailedException(
          e.getMessage() + ". Mend the secret, or remove it to serve without basic auth.", e);
    }
    ReferenceFilter filter = Stores.filter(configuration.content());
    ContentStore store = Stores.open(configuration, filter, hopeless);
    Metrics metrics =
        new Metrics(registries(configuration), store::statistics, InstantSource.system());
    Tracker tracker = new Tracker();
    // First of all, since containerd takes the longest to answer; it lists in the background.
    Deliveries deliveries = new Deliveries();
    store.start(
        event -> {
          deliveries.onEvent(event);
          tracker.onEvent(event);
        });
    KadRouter router =
        Routers.start(
            configuration, agentVersion, basicAuth.isPresent(), metrics.router()::resolved);
    metrics.router().showPeers(router::connectedPeers);
    tracker.start(router);
    Traffic traffic = new Traffic(InstantSource.system());
    RunningRequests requests = new RunningRequests(traffic.registry(metrics.registry()));
    Mirror mirror =
        Mirrors.start(
            configuration, basicAuth, router, deliveries, traffic.mirror(metrics.mirror()));
    Readiness ready = new Readiness(store, router);
    Optional<HttpRoutes> page =
        configuration.debugWebEnabled()
            ? Optional.of(
                Pages.routes(
                    configuration,
                    agentVersion,
                    new NodeParts(store, router, mirror, traffic, ready, filter::passes)))
            : Optional.empty();
    try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<RegistryServer> registry =
          starters.submit(
              () ->
                  RegistryServer.start(
                      RegistryOptions.of(configuration.registryAddress(), basicAuth),
                      store,
                      new ManifestCache(store, ManifestCache.DEFAULT_MAX_BYTES),
                      Optional.of(new Mirroring(mirror, filter::passes)),
                      ready,
                      requests));
      Future<HttpServer> diagnostics =
          starters.submit(
              () ->
                  HttpServer.start(
                      HttpServerOptions.of("metrics", configuration.metricsAddress())
                          .withObserver(metrics.http()),
                      DiagnosticRoutes.of(metrics, page)));
      Optional<Future<HttpServer>> bootstrap =
          endpoint(configuration.bootstrap(), router, metrics).map(starters::submit);
      Node node =
          new Node(
              store,
              router,
              tracker,
              mirror,
              requests,
              started(registry, "--registry-addr"),
              started(diagnostics, "--metrics-addr"),
              bootstrap.map(server -> started(server, "--http-bootstrap-addr")));
      log.atInfo()
          .addKeyValue("registry", shown(node.registry.address()))
          .addKeyValue("metrics", shown(node.diagnostics.address()))
          .log("listening");
      return node;
    }
  }

  private static Set<String> registries(RegistryConfiguration configuration) {
    return configuration.content().mirroredRegistries().stream()
        .filter(MirroredRegistry.Named.class::isInstance)
        .map(registry -> registry.folder().toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  private static Optional<Callable<HttpServer>> endpoint(
      Bootstrap bootstrap, KadRouter router, Metrics metrics) {
    if (!(bootstrap instanceof Bootstrap.Http http)) {
      return Optional.empty();
    }
    return Optional.ofNullable(http.address())
        .map(address -> () -> BootstrapEndpoint.start(address, http, router, metrics.http()));
  }

  private static <T> T started(Future<T> server, String flag) {
    try {
      return server.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new CommandFailedException(
            cause.getMessage()
                + ". End what listens there, or choose another address with "
                + flag
                + ".",
            cause);
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted while starting", e);
    }
  }

  private static ListenAddress shown(InetSocketAddress address) {
    return new ListenAddress(
        address.getAddress().isAnyLocalAddress() ? "" : address.getAddress().getHostAddress(),
        address.getPort());
  }

  /** Where images are served. */
  public InetSocketAddress registryAddress() {
    return registry.address();
  }

  /** Where metrics and diagnostics are served. */
  public InetSocketAddress metricsAddress() {
    return diagnostics.address();
  }

  /**
   * Ends in good order: at once not ready, and no longer announced; running transfers may end, for
   * 25 s, then their connections do; then all parts stop. Returns within 30 s.
   */
  public void stop() {
    registry.drain();
    tracker.close();
    try {
      int left = requests.awaitNone(TRANSFER_GRACE);
      if (left > 0) {
        log.atWarn().addKeyValue("requests", left).log("transfers are cut: their time is over");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    registry.close();
    mirror.close();
    diagnostics.close();
    bootstrap.ifPresent(HttpServer::close);
    router.close();
    store.close();
    log.info("ended");
  }
}
