package spegel.app.node;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.RegistryConfiguration.MirrorResolve;
import spegel.auth.BasicCredentials;
import spegel.mirror.Deliveries;
import spegel.mirror.Mirror;
import spegel.mirror.MirrorObserver;
import spegel.mirror.MirrorOptions;
import spegel.routing.Router;

/** Makes the mirror that the command line describes. */
final class Mirrors {
  private static final Logger log = LoggerFactory.getLogger(Mirrors.class);

  private Mirrors() {}

  /** The mirror, which asks other nodes at the port at which this one serves. */
  static Mirror start(
      RegistryConfiguration configuration,
      Optional<BasicCredentials> credentials,
      Router router,
      Deliveries deliveries,
      MirrorObserver observer) {
    MirrorResolve resolve = configuration.mirrorResolve();
    int port = configuration.registryAddress().port();
    if (port == 0) {
      log.warn(
          "--registry-addr with port 0: other nodes serve at a port of chance, too, and are not asked");
    }
    return Mirror.start(
        new MirrorOptions(
            resolve.timeout(), resolve.retries(), port, credentials, resolve.verifyBlobs()),
        router,
        deliveries,
        observer);
  }
}
