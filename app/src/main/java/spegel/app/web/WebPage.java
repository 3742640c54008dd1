package spegel.app.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;

/** The page's own files, read from the program when they are asked for. */
final class WebPage implements HttpHandler {
  static final String PATH = "/debug/web/";

  private static final byte[] NOTHING = new byte[0];
  private static final byte[] NOT_FOUND =
      "404 page not found\n".getBytes(StandardCharsets.US_ASCII);

  private record File(String name, String contentType) {}

  private static final Map<String, File> FILES =
      Map.of(
          PATH,
          new File("page.html", "text/html; charset=utf-8"),
          PATH + "page.css",
          new File("page.css", "text/css; charset=utf-8"),
          PATH + "page.js",
          new File("page.js", "text/javascript; charset=utf-8"));

  @Override
  public void handle(HttpExchange exchange) {
    File file = FILES.get(exchange.path());
    if (file != null) {
      exchange.respond(200, WebAnswers.fields(file.contentType), read(file.name));
    } else if (exchange.path().length() == PATH.length() - 1) {
      exchange.respond(308, HttpFields.of("Location", PATH), NOTHING);
    } else {
      exchange.respond(404, WebAnswers.fields("text/plain; charset=utf-8"), NOT_FOUND);
    }
  }

  private static byte[] read(String name) {
    try (InputStream resource = WebPage.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(resource, "the page is part of the program").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
