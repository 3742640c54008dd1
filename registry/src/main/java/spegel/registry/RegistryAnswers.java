package spegel.registry;

import java.nio.charset.StandardCharsets;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.oci.RegistryError;
import spegel.oci.RegistryError.Code;

/** Answers that more than one endpoint gives. */
final class RegistryAnswers {
  static final byte[] EMPTY = new byte[0];

  private static final HttpFields JSON = HttpFields.of("Content-Type", "application/json");

  /**
   * Only for peers: containerd would wait that long and ask us again, where it should go to the
   * next host.
   */
  private static final HttpFields JSON_LATER = JSON.with("Retry-After", "1");

  private RegistryAnswers() {}

  /** The error in its document, with the status that goes with its code. */
  static void error(HttpExchange exchange, RegistryError error) {
    error(exchange, error.code().status(), JSON, error);
  }

  static void error(HttpExchange exchange, int status, RegistryError error) {
    error(exchange, status, JSON, error);
  }

  /** The method is none of those that the endpoint knows. */
  static void methodNotAllowed(HttpExchange exchange) {
    RegistryError error = new RegistryError(Code.UNSUPPORTED, "this registry is for pulling only");
    error(exchange, 405, JSON.with("Allow", "GET, HEAD"), error);
  }

  /** A peer is told to ask another, or later. */
  static void unavailable(HttpExchange exchange, String why) {
    error(exchange, 503, JSON_LATER, new RegistryError(Code.UNAVAILABLE, why));
  }

  private static void error(
      HttpExchange exchange, int status, HttpFields fields, RegistryError error) {
    exchange.respond(status, fields, error.toJson().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the request asks for something, and changes nothing. */
  static boolean isRead(HttpExchange exchange) {
    return exchange.method().equals("GET") || exchange.method().equals("HEAD");
  }
}
