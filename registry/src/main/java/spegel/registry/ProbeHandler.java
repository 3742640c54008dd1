package spegel.registry;

import java.util.function.BooleanSupplier;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;

/** {@code /readyz} and {@code /livez}: 200 while it is so, else 500. */
final class ProbeHandler implements HttpHandler {
  private final BooleanSupplier healthy;

  /**
   * @param healthy answers from memory
   */
  ProbeHandler(BooleanSupplier healthy) {
    this.healthy = healthy;
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (RegistryAnswers.isRead(exchange)) {
      exchange.respond(healthy.getAsBoolean() ? 200 : 500, HttpFields.NONE, RegistryAnswers.EMPTY);
    } else {
      exchange.respond(405, HttpFields.of("Allow", "GET, HEAD"), RegistryAnswers.EMPTY);
    }
  }
}
