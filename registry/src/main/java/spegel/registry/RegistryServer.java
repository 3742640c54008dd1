package spegel.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import spegel.http.HttpHandler;
import spegel.http.HttpRoutes;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;
import spegel.store.ContentStore;
import spegel.store.ManifestCache;

/** The registry of this node, listening. */
public final class RegistryServer implements AutoCloseable {
  private static final String NAME = "registry";

  private final HttpServer server;
  private volatile boolean draining;

  private RegistryServer(
      RegistryOptions options,
      ContentStore store,
      ManifestCache manifests,
      Optional<Mirroring> mirroring,
      BooleanSupplier ready,
      RegistryObserver observer)
      throws IOException {
    DiskAccess disk = new DiskAccess(DiskAccess.MAX_CONCURRENT, DiskAccess.MAX_WAIT_MILLIS);
    NotFound notFound = new NotFound(store, observer);
    MissingContent missing =
        mirroring
            .<MissingContent>map(
                with -> new MirroredContent(with.mirror(), notFound, with.passes(), observer))
            .orElse(notFound);
    PeerPlaces places =
        new PeerPlaces(
            PeerPlaces.MAX_PLACES, PeerPlaces.MAX_PLACES_PER_PEER, new AccessLog(observer));
    DistributionHandler distribution =
        new DistributionHandler(
            options.credentials(),
            () -> draining,
            new ManifestHandler(store, manifests, disk, missing),
            new BlobHandler(store, disk, missing, places, observer));
    HttpRoutes probes =
        HttpRoutes.none()
            .with("/readyz", new ProbeHandler(() -> !draining && ready.getAsBoolean()))
            .with("/livez", new ProbeHandler(() -> true));
    HttpHandler overflow = probes.with("/v2/*", new OverflowHandler());
    this.server =
        HttpServer.start(
            HttpServerOptions.of(NAME, options.address())
                .withEventLoops(options.eventLoops(), options.bodyEventLoops())
                .withConnections(
                    options.maxConnections(), options.maxOverflowConnections(), overflow)
                .withTimeouts(options.timeouts())
                .withObserver(places),
            probes.with("/v2/*", distribution));
  }

  /**
   * Starts to serve.
   *
   * @param mirroring for what the store does not have; empty to answer 404
   * @param ready what {@code /readyz} says; answers from memory
   * @throws IOException when the address cannot be listened on; the message names it
   */
  public static RegistryServer start(
      RegistryOptions options,
      ContentStore store,
      ManifestCache manifests,
      Optional<Mirroring> mirroring,
      BooleanSupplier ready,
      RegistryObserver observer)
      throws IOException {
    return new RegistryServer(options, store, manifests, mirroring, ready, observer);
  }

  /** Where it listens, with the port that the system chose. */
  public InetSocketAddress address() {
    return server.address();
  }

  /** From now on not ready, and 503 for peers; containerd is served as before. */
  public void drain() {
    draining = true;
  }

  /**
   * Stops: see {@link HttpServer#close(Duration)}.
   *
   * @param grace for running transfers
   */
  public void close(Duration grace) {
    drain();
    server.close(grace);
  }

  /** Stops without waiting for running transfers. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }
}
