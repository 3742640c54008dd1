package spegel.app.command;

import java.time.Duration;
import spegel.http.ListenAddress;

/**
 * Of the command {@code cleanup-wait}.
 *
 * @param probeEndpoint a name that resolves to the address of every node that cleans up, and the
 *     port
 * @param threshold how many times in a row all have to be done, at least 1
 * @param period the time between two looks, positive
 */
public record CleanupWaitConfiguration(ListenAddress probeEndpoint, int threshold, Duration period)
    implements CommandConfiguration {
  public CleanupWaitConfiguration {
    if (probeEndpoint.host().isEmpty() || probeEndpoint.port() == 0) {
      throw new InvalidArgumentsException(
          "--probe-endpoint: a host and a port other than 0 are needed: \"" + probeEndpoint + "\"");
    }
  }
}
