package spegel.app.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.app.command.CommandFailedException;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.RegistryConfiguration.Bootstrap;
import spegel.libp2p.Identity;
import spegel.multiformats.MultiformatException;
import spegel.routing.bootstrap.Bootstrapper;
import spegel.routing.bootstrap.ClientTls;
import spegel.routing.bootstrap.DnsBootstrapper;
import spegel.routing.bootstrap.HttpBootstrapper;
import spegel.routing.bootstrap.StaticBootstrapper;
import spegel.routing.kad.KadRouter;
import spegel.routing.kad.KadRouterOptions;
import spegel.routing.kad.ResolveObserver;

/** Makes the router that the command line describes. */
final class Routers {
  private static final Logger log = LoggerFactory.getLogger(Routers.class);

  private static final String KEY_FILE = "private.key";

  private Routers() {}

  /**
   * The router, which listens and looks for peers.
   *
   * @param provenOnly whether providers are named only with addresses at which they have proved who
   *     they are: credentials are for them and nobody else
   */
  static KadRouter start(
      RegistryConfiguration configuration,
      String agentVersion,
      boolean provenOnly,
      ResolveObserver observer) {
    Bootstrap bootstrap = configuration.bootstrap();
    boolean alone = bootstrap instanceof Bootstrap.Alone;
    if (alone) {
      log.warn("no --bootstrap-kind: this node looks for no others, and serves what it has itself");
    }
    Bootstrapper bootstrapper = bootstrapper(bootstrap, configuration.routerAddress().port());
    Identity identity = identity(configuration.dataDirectory());
    try {
      KadRouter router =
          KadRouter.start(
              new KadRouterOptions(
                  identity,
                  configuration.routerAddress().resolve(),
                  agentVersion,
                  bootstrapper,
                  alone,
                  provenOnly,
                  observer));
      log.atInfo()
          .addKeyValue("id", router.id())
          .addKeyValue("addresses", router.addresses())
          .addKeyValue("bootstrap", alone ? "none" : bootstrapper)
          .log("router is running");
      return router;
    } catch (IOException e) {
      throw new CommandFailedException(
          e.getMessage()
              + ". End what listens there, or choose another address with --router-addr.",
          e);
    }
  }

  private static Identity identity(@Nullable Path dataDirectory) {
    if (dataDirectory == null) {
      return Identity.generate();
    }
    try {
      return Identity.loadOrCreate(dataDirectory.resolve(KEY_FILE));
    } catch (IOException e) {
      throw new CommandFailedException(
          "the node's key: "
              + e.getMessage()
              + ". --data-dir must name a folder that can be written to; without it the node has a"
              + " new identity at each start.",
          e);
    }
  }

  private static Bootstrapper bootstrapper(Bootstrap bootstrap, int port) {
    // No switch over types: see Main.
    if (bootstrap instanceof Bootstrap.Dns(var domain)) {
      return new DnsBootstrapper(domain, port);
    }
    if (bootstrap instanceof Bootstrap.Http http) {
      return new HttpBootstrapper(http.url(), tls(http.certificateDirectory()), port);
    }
    if (bootstrap instanceof Bootstrap.Static(var peers)) {
      return fixed(peers, port);
    }
    return List::of;
  }

  private static Bootstrapper fixed(List<String> peers, int port) {
    try {
      return new StaticBootstrapper(peers, port);
    } catch (MultiformatException e) {
      throw new CommandFailedException(
          "--static-bootstrap-peers: "
              + e.getMessage()
              + "; a peer is given as /ip4/10.0.0.1/tcp/5001, with /p2p/ID when its id is known",
          e);
    }
  }

  private static Optional<SSLSocketFactory> tls(@Nullable Path folder) {
    try {
      return folder == null ? Optional.empty() : Optional.of(ClientTls.load(folder));
    } catch (IOException e) {
      throw new CommandFailedException("--http-bootstrap-cert-dir: " + e.getMessage(), e);
    }
  }
}
