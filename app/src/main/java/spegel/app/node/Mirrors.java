package spegel.app.node;

import java.util.Optional;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.RegistryConfiguration.MirrorResolve;
import spegel.auth.BasicCredentials;
import spegel.mirror.Mirror;
import spegel.mirror.MirrorObserver;
import spegel.mirror.MirrorOptions;
import spegel.routing.Router;

/** Makes the mirror that the command line describes. */
final class Mirrors {
  private Mirrors() {}

  /** The mirror, which asks other nodes at the port at which this one serves. */
  static Mirror start(
      RegistryConfiguration configuration,
      Optional<BasicCredentials> credentials,
      Router router,
      MirrorObserver observer) {
    MirrorResolve resolve = configuration.mirrorResolve();
    return Mirror.start(
        new MirrorOptions(
            resolve.timeout(),
            resolve.retries(),
            configuration.registryAddress().port(),
            credentials,
            resolve.verifyBlobs()),
        router,
        observer);
  }
}
