package spegel.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.app.cleanup.CleanupWait;
import spegel.app.command.CleanupConfiguration;
import spegel.app.command.CleanupWaitConfiguration;
import spegel.app.command.CommandFailedException;
import spegel.app.command.HostsConfiguration;
import spegel.auth.BasicCredentials;
import spegel.auth.CredentialsException;
import spegel.containerd.hosts.MirrorConfiguration;
import spegel.containerd.hosts.MirrorConfigurationException;
import spegel.containerd.hosts.MirrorOptions;
import spegel.http.HttpFields;
import spegel.http.HttpRoutes;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;

/** The commands that tell containerd of mirrors, and take that back. */
final class MirrorCommands {
  private static final Logger log = LoggerFactory.getLogger(MirrorCommands.class);

  private MirrorCommands() {}

  /** {@code configuration}. */
  static void configure(HostsConfiguration configuration, Path credentials) {
    MirrorOptions mirrors = configuration.mirrors();
    try {
      Optional<BasicCredentials> basicAuth = BasicCredentials.load(credentials);
      new MirrorConfiguration(configuration.configPath())
          .write(
              new MirrorOptions(
                  mirrors.registries(),
                  mirrors.targets(),
                  mirrors.resolveTags(),
                  mirrors.prependExisting(),
                  basicAuth.orElse(null)));
    } catch (CredentialsException e) {
      throw new CommandFailedException(
          e.getMessage() + ". Mend the secret, or remove it to ask mirrors without it.", e);
    } catch (MirrorConfigurationException e) {
      throw failed(e);
    }
  }

  /** {@code cleanup}: answers probes when it is done, until told to end. */
  static void cleanUp(CleanupConfiguration configuration, Termination termination) {
    termination.listen();
    try {
      if (!new MirrorConfiguration(configuration.configPath()).cleanup()) {
        log.atInfo()
            .addKeyValue("path", configuration.configPath())
            .log("nothing to restore: there is no backup");
      }
    } catch (MirrorConfigurationException e) {
      throw failed(e);
    }
    HttpRoutes done =
        HttpRoutes.none()
            .with("/readyz", exchange -> exchange.respond(200, HttpFields.NONE, new byte[0]));
    try (HttpServer server =
        HttpServer.start(HttpServerOptions.of("cleanup", configuration.address()), done)) {
      log.atInfo()
          .addKeyValue("port", server.address().getPort())
          .log("clean-up is done, which /readyz tells until the end");
      termination.await();
    } catch (IOException e) {
      throw new CommandFailedException(
          e.getMessage()
              + ". The clean-up is done; to tell so, choose another address with --addr.",
          e);
    }
  }

  /** {@code cleanup-wait}. */
  static void awaitCleanup(CleanupWaitConfiguration configuration) {
    try {
      new CleanupWait(configuration.probeEndpoint().host(), configuration.probeEndpoint().port())
          .await(configuration.threshold(), configuration.period());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted while waiting for the clean-up", e);
    }
  }

  private static CommandFailedException failed(MirrorConfigurationException e) {
    return new CommandFailedException(
        e.getMessage()
            + ". The command may be run again; --containerd-registry-config-path says where.",
        e);
  }
}
