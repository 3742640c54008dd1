package spegel.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends each request to the handler of the first pattern that fits its path, and answers 404 when
 * none does. A pattern is a path, or a path that ends in {@code /*}, which fits what is below it
 * and the path itself with and without the last slash. The pattern is the request's route.
 */
public final class HttpRoutes implements HttpHandler {
  private static final byte[] NOT_FOUND =
      "404 page not found\n".getBytes(StandardCharsets.US_ASCII);
  private static final HttpFields PLAIN_TEXT =
      HttpFields.of("Content-Type", "text/plain; charset=utf-8");

  private record Route(String pattern, HttpHandler handler) {
    boolean fits(String path) {
      if (!pattern.endsWith("/*")) {
        return pattern.equals(path);
      }
      int slash = pattern.length() - 2;
      return path.regionMatches(0, pattern, 0, slash)
          && (path.length() == slash || path.charAt(slash) == '/');
    }
  }

  private final List<Route> routes;

  private HttpRoutes(List<Route> routes) {
    this.routes = routes;
  }

  /** No routes yet. */
  public static HttpRoutes none() {
    return new HttpRoutes(List.of());
  }

  /** These routes and, after them, one more. */
  public HttpRoutes with(String pattern, HttpHandler handler) {
    List<Route> more = new ArrayList<>(routes);
    more.add(new Route(pattern, handler));
    return new HttpRoutes(List.copyOf(more));
  }

  /** These routes and, after them, the others. */
  public HttpRoutes with(HttpRoutes others) {
    List<Route> more = new ArrayList<>(routes);
    more.addAll(others.routes);
    return new HttpRoutes(List.copyOf(more));
  }

  @Override
  public void handle(HttpExchange exchange) {
    String path = exchange.path();
    for (Route route : routes) {
      if (route.fits(path)) {
        exchange.route(route.pattern());
        route.handler().handle(exchange);
        return;
      }
    }
    exchange.respond(404, PLAIN_TEXT, NOT_FOUND);
  }
}
