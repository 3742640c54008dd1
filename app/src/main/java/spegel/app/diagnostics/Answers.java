package spegel.app.diagnostics;

import java.nio.charset.StandardCharsets;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;

/** The plain answers that the handlers here share. */
final class Answers {
  private static final HttpFields TEXT =
      HttpFields.of("Content-Type", "text/plain; charset=utf-8").with("Cache-Control", "no-store");

  private Answers() {}

  static void text(HttpExchange exchange, int status, String text) {
    exchange.respond(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Lets GET and HEAD through to the handler, which may block; others are answered 405. */
  static HttpHandler reading(HttpHandler handler) {
    return exchange -> {
      if (exchange.method().equals("GET") || exchange.method().equals("HEAD")) {
        exchange.runBlocking(handler);
      } else {
        exchange.respond(
            405,
            TEXT.with("Allow", "GET, HEAD"),
            "405 method not allowed\n".getBytes(StandardCharsets.US_ASCII));
      }
    };
  }
}
