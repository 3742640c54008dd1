package spegel.app.web;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;

/** Answers that a browser takes for what they are, and for nothing else. */
final class WebAnswers {
  /** Our own script and style, our own JSON; nothing of others, and no others around it. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final HttpFields FIELDS =
      HttpFields.of("Content-Security-Policy", POLICY)
          .with("X-Content-Type-Options", "nosniff")
          .with("Referrer-Policy", "no-referrer")
          .with("Cross-Origin-Resource-Policy", "same-origin")
          .with("Cache-Control", "no-store");

  /** Writes one JSON value. */
  @FunctionalInterface
  interface Json {
    void write(JsonWriter json) throws IOException;
  }

  private WebAnswers() {}

  static HttpFields fields(String contentType) {
    return FIELDS.with("Content-Type", contentType);
  }

  static void json(HttpExchange exchange, int status, Json value) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setSerializeNulls(true);
      value.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    exchange.respond(
        status, fields("application/json"), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  static void error(HttpExchange exchange, int status, String message) {
    json(exchange, status, json -> json.beginObject().name("error").value(message).endObject());
  }

  static void methodNotAllowed(HttpExchange exchange, String allow) {
    exchange.respond(
        405,
        fields("text/plain; charset=utf-8").with("Allow", allow),
        "405 method not allowed\n".getBytes(StandardCharsets.US_ASCII));
  }
}
