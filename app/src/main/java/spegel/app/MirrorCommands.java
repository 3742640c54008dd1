package spegel.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.app.cleanup.CleanupWait;
import spegel.app.command.CleanupConfiguration;
import spegel.app.command.CleanupWaitConfiguration;
import spegel.app.command.CommandFailedException;
import spegel.app.command.MirrorConfiguration;
import spegel.auth.BasicCredentials;
import spegel.auth.CredentialsException;
import spegel.containerd.hosts.MirrorConfigurationException;
import spegel.containerd.hosts.MirrorOptions;
import spegel.containerd.hosts.RegistryFormatException;
import spegel.http.HttpFields;
import spegel.http.HttpRoutes;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;

/** The commands that write and restore containerd's mirror configuration. */
final class MirrorCommands {
  private static final Logger log = LoggerFactory.getLogger(MirrorCommands.class);
  private static final byte[] OK = "ok\n".getBytes(StandardCharsets.US_ASCII);
  private static final HttpFields TEXT = HttpFields.of("Content-Type", "text/plain; charset=utf-8");
  private static final Duration PROBE_GRACE = Duration.ofSeconds(1);

  private MirrorCommands() {}

  /**
   * Writes the configuration.
   *
   * @param credentials the folder with the user name and password of basic auth, if it is there
   */
  static void configure(MirrorConfiguration configuration, Path credentials) {
    try {
      new spegel.containerd.hosts.MirrorConfiguration(configuration.configPath())
          .write(
              new MirrorOptions(
                  configuration.registries(),
                  configuration.targets(),
                  configuration.resolveTags(),
                  configuration.prependExisting(),
                  BasicCredentials.load(credentials).orElse(null)));
    } catch (MirrorConfigurationException | RegistryFormatException | CredentialsException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Restores what was there before, and then says so to whoever asks, until the process is to end.
   */
  static void cleanUp(CleanupConfiguration configuration, Termination termination) {
    try {
      boolean restored =
          new spegel.containerd.hosts.MirrorConfiguration(configuration.configPath()).cleanup();
      if (!restored) {
        log.atInfo()
            .addKeyValue("path", configuration.configPath())
            .log("nothing to restore: no configuration was moved to _backup");
      }
    } catch (MirrorConfigurationException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
    HttpRoutes routes =
        HttpRoutes.none().with("/readyz", exchange -> exchange.respond(200, TEXT, OK));
    try (HttpServer server =
        HttpServer.start(HttpServerOptions.of("cleanup", configuration.address()), routes)) {
      log.atInfo().addKeyValue("address", server.address()).log("clean-up done, answering probes");
      termination.await();
      server.close(PROBE_GRACE);
    } catch (IOException e) {
      throw new CommandFailedException(
          e.getMessage() + ". The clean-up is done; choose another address with --addr.", e);
    }
  }

  /** Returns when every node has cleaned up. */
  static void awaitCleanUp(CleanupWaitConfiguration configuration) {
    try {
      new CleanupWait(configuration.probeEndpoint().host(), configuration.probeEndpoint().port())
          .await(configuration.threshold(), configuration.period());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("interrupted while waiting for the clean-up", e);
    }
  }
}
