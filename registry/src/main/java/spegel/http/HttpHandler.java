package spegel.http;

/** Answers requests. */
@FunctionalInterface
public interface HttpHandler {

  /**
   * Answers one request. Called on an event loop, where it must not wait: it answers at once, or
   * hands the rest to {@link HttpExchange#runBlocking}. Whatever it throws becomes a 500 and a line
   * in the log.
   */
  void handle(HttpExchange exchange);
}
