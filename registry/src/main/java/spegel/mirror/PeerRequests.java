package spegel.mirror;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import spegel.auth.BasicCredentials;
import spegel.http.HttpFields;
import spegel.peer.Lane;
import spegel.peer.PeerRequest;
import spegel.peer.PeerResponse;
import spegel.routing.Provider;

/** Asks peers' registries as this node, and tells answers that are of use from others. */
final class PeerRequests {
  private final int port;
  private final HttpFields fields;
  private final PeerHealth health;

  PeerRequests(int port, Optional<BasicCredentials> credentials, PeerHealth health) {
    this.health = health;
    this.port = port;
    HttpFields mirrored = HttpFields.of("X-Spegel-Mirrored", "true");
    this.fields =
        credentials
            .map(value -> mirrored.with("Authorization", value.headerValue()))
            .orElse(mirrored);
  }

  /**
   * Asks one peer.
   *
   * @param range the Range field's value; null for none
   * @return its answer, of status 200, 206 or 416
   * @throws PeerAnswerException when it answers anything else
   */
  PeerResponse send(
      Lane lane,
      Provider provider,
      String method,
      String target,
      @Nullable String range,
      Duration timeout)
      throws IOException, InterruptedException {
    PeerRequest request =
        new PeerRequest(
            provider.addresses().stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList(),
            method,
            target,
            range == null ? fields : fields.with("Range", range),
            health.isAtWork(provider.peerId()));
    PeerResponse response = lane.send(request, timeout);
    int status = response.status();
    if (status == 200 || status == 206 || status == 416) {
      return response;
    }
    response.close();
    throw new PeerAnswerException(outcome(status), "status " + status);
  }

  private static PeerOutcome outcome(int status) {
    return switch (status) {
      case 404 -> PeerOutcome.MISSING;
      case 429, 503 -> PeerOutcome.BUSY;
      default -> PeerOutcome.FAILED;
    };
  }
}
