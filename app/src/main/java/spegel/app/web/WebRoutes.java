package spegel.app.web;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import spegel.http.HttpHandler;
import spegel.http.HttpRoutes;

/** The routes of the page and of the JSON behind it. */
public final class WebRoutes {
  private WebRoutes() {}

  /**
   * All routes under {@code /debug/web/}.
   *
   * @param facts asked for at each request: addresses may become known late
   */
  public static HttpRoutes of(Supplier<NodeFacts> facts, NodeParts parts) {
    Statistics statistics = new Statistics(parts);
    return HttpRoutes.none()
        .with(
            WebPage.PATH + "metadata",
            reading(exchange -> WebAnswers.json(exchange, 200, json -> write(json, facts.get()))))
        .with(
            WebPage.PATH + "stats",
            reading(exchange -> WebAnswers.json(exchange, 200, statistics::write)))
        .with(WebPage.PATH + "measure", new MeasureHandler(parts.mirror(), parts.passes()))
        .with(WebPage.PATH + "*", reading(new WebPage()));
  }

  private static HttpHandler reading(HttpHandler handler) {
    return exchange -> {
      if (exchange.method().equals("GET") || exchange.method().equals("HEAD")) {
        exchange.runBlocking(handler);
      } else {
        WebAnswers.methodNotAllowed(exchange, "GET, HEAD");
      }
    };
  }

  private static void write(JsonWriter json, NodeFacts facts) throws IOException {
    json.beginObject();
    json.name("agentVersion").value(facts.agentVersion());
    json.name("host").value(facts.host());
    json.name("peerId").value(facts.peerId());
    write(json, "addresses", facts.addresses());
    json.name("registryAddress").value(facts.registryAddress());
    json.name("routerAddress").value(facts.routerAddress());
    json.name("store").value(facts.store());
    json.name("bootstrap").value(facts.bootstrap());
    write(json, "mirroredRegistries", facts.mirroredRegistries());
    write(json, "registryFilters", facts.registryFilters());
    json.name("startedMillis").value(facts.started().toEpochMilli());
    json.endObject();
  }

  private static void write(JsonWriter json, String name, List<String> values) throws IOException {
    json.name(name).beginArray();
    for (String value : values) {
      json.value(value);
    }
    json.endArray();
  }
}
