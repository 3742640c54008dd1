package spegel.registry;

import spegel.http.HttpExchange;
import spegel.http.HttpHandler;
import spegel.oci.RegistryError;
import spegel.oci.RegistryError.Code;

/**
 * {@code /v2/*} of a connection too many: a peer asks another node, or later; containerd hears that
 * there is nothing, and goes upstream.
 */
final class OverflowHandler implements HttpHandler {
  private static final String WHY = "too many connections";

  @Override
  public void handle(HttpExchange exchange) {
    if (ContentRequest.isFromPeer(exchange)) {
      RegistryAnswers.unavailable(exchange, WHY);
    } else {
      Code code = exchange.path().contains("/blobs/") ? Code.BLOB_UNKNOWN : Code.MANIFEST_UNKNOWN;
      RegistryAnswers.error(exchange, new RegistryError(code, WHY));
    }
  }
}
