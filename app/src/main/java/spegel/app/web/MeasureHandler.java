package spegel.app.web;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import spegel.http.HttpExchange;
import spegel.http.HttpHandler;
import spegel.mirror.Measurement;
import spegel.mirror.MeasurementReport;
import spegel.mirror.MeasurementReport.PeerSamples;
import spegel.mirror.MeasurementReport.Sample;
import spegel.mirror.Mirror;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;

/**
 * Measures an image: POST does it and answers when it has ended, GET answers what the running one,
 * or the last one, has found so far. One at a time. A measurement makes traffic, so it must not be
 * begun by a page of somebody else's that a user of this one has open: a field is wanted that a
 * browser lets no other site's page send without asking, and we are asked in vain.
 */
final class MeasureHandler implements HttpHandler {
  static final String REQUEST_HEADER = "X-Spegel-Request";
  static final String REQUEST_VALUE = "measure";

  private static final String IMAGE = "image=";

  private final Mirror mirror;
  private final Predicate<Reference> passes;
  private final Semaphore oneAtATime = new Semaphore(1);
  private volatile @Nullable Measurement latest;

  MeasureHandler(Mirror mirror, Predicate<Reference> passes) {
    this.mirror = mirror;
    this.passes = passes;
  }

  @Override
  public void handle(HttpExchange exchange) {
    switch (exchange.method()) {
      case "GET", "HEAD" -> exchange.runBlocking(this::tell);
      case "POST" -> exchange.runBlocking(this::measure);
      default -> WebAnswers.methodNotAllowed(exchange, "GET, HEAD, POST");
    }
  }

  private void tell(HttpExchange exchange) {
    Measurement measurement = latest;
    if (measurement == null) {
      WebAnswers.error(exchange, 404, "nothing has been measured yet");
    } else {
      answer(exchange, measurement);
    }
  }

  private void measure(HttpExchange exchange) {
    if (!isOfThisSite(exchange)) {
      WebAnswers.error(
          exchange,
          403,
          "a measurement is begun by a user of this page, or with the header "
              + "%s: %s".formatted(REQUEST_HEADER, REQUEST_VALUE));
      return;
    }
    Reference image;
    try {
      image = image(exchange.query());
    } catch (OciFormatException | IllegalArgumentException e) {
      WebAnswers.error(exchange, 400, "not an image: " + e.getMessage());
      return;
    }
    if (!passes.test(image)) {
      WebAnswers.error(exchange, 400, "this node's filters leave " + image + " out");
      return;
    }
    if (!oneAtATime.tryAcquire()) {
      WebAnswers.error(exchange, 409, "a measurement is under way; try again when it has ended");
      return;
    }
    try {
      Measurement measurement = mirror.measurement(image, Measurement.Limits.DEFAULT);
      latest = measurement;
      measurement.run();
      answer(exchange, measurement);
    } finally {
      oneAtATime.release();
    }
  }

  private static boolean isOfThisSite(HttpExchange exchange) {
    return exchange.header(REQUEST_HEADER).filter(REQUEST_VALUE::equals).isPresent()
        && exchange.header("Sec-Fetch-Site").filter(site -> !site.equals("same-origin")).isEmpty();
  }

  private static Reference image(String query) {
    for (String parameter : query.split("&", -1)) {
      if (parameter.startsWith(IMAGE) && parameter.length() > IMAGE.length()) {
        String text = parameter.substring(IMAGE.length());
        return Reference.parseFamiliar(URLDecoder.decode(text, StandardCharsets.UTF_8).strip());
      }
    }
    throw new OciFormatException("none is named, ?image=docker.io/library/nginx:1");
  }

  private static void answer(HttpExchange exchange, Measurement measurement) {
    MeasurementReport report = measurement.report();
    WebAnswers.json(exchange, 200, json -> write(json, report));
  }

  private static void write(JsonWriter json, MeasurementReport report) throws IOException {
    json.beginObject();
    json.name("image").value(report.image().toString());
    json.name("state").value(report.state().name().toLowerCase(Locale.ROOT));
    json.name("millis").value(Statistics.millis(report.elapsed()));
    json.name("lookupMillis").value(Statistics.millis(report.lookup()));
    json.name("peers").beginArray();
    for (PeerSamples peer : report.peers()) {
      json.beginObject();
      json.name("id").value(peer.peerId());
      json.name("address").value(peer.address().getHostAddress());
      json.name("samples").beginArray();
      for (Sample sample : peer.samples()) {
        write(json, sample);
      }
      json.endArray().endObject();
    }
    json.endArray().endObject();
  }

  private static void write(JsonWriter json, Sample sample) throws IOException {
    json.beginObject();
    json.name("part").value(sample.part().name().toLowerCase(Locale.ROOT));
    json.name("key").value(sample.key());
    json.name("sizeBytes").value(sample.sizeBytes());
    json.name("readBytes").value(sample.readBytes());
    json.name("firstByteMillis").value(Statistics.millis(sample.firstByte()));
    json.name("millis").value(Statistics.millis(sample.total()));
    json.name("failure").value(sample.failure());
    json.endObject();
  }
}
