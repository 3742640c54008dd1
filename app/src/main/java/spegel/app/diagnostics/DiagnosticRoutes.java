package spegel.app.diagnostics;

import java.util.Optional;
import spegel.app.metrics.Metrics;
import spegel.app.metrics.Metrics.Exposition;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;
import spegel.http.HttpRoutes;

/** The routes of the metrics address. */
public final class DiagnosticRoutes {
  private static final String INDEX =
      """
      /metrics              metrics for Prometheus
      /debug/web/           a page about this node: images, peers, transfers; measures images
      /debug/threads        stacks of all threads, virtual ones too
      /debug/jfr?seconds=N  a recording of JDK Flight Recorder, of 1 to 60 seconds; one at a time
      """;

  private DiagnosticRoutes() {}

  /**
   * All routes.
   *
   * @param metrics what {@code /metrics} shows
   * @param page the routes of the page about the node; empty when nothing is to be under {@code
   *     /debug/}
   */
  public static HttpHandler of(Metrics metrics, Optional<HttpRoutes> page) {
    HttpRoutes routes =
        HttpRoutes.none().with("/metrics", Answers.reading(exchange -> expose(metrics, exchange)));
    if (page.isEmpty()) {
      return routes;
    }
    return routes
        .with(page.get())
        .with("/debug/threads", Answers.reading(new ThreadDump()))
        .with("/debug/jfr", Answers.reading(new FlightRecording()))
        .with("/debug/", Answers.reading(exchange -> Answers.text(exchange, 200, INDEX)));
  }

  private static void expose(Metrics metrics, HttpExchange exchange) {
    Exposition exposition = metrics.expose(exchange.header("Accept"));
    exchange.respond(
        200, HttpFields.of("Content-Type", exposition.contentType()), exposition.body());
  }
}
