package spegel.app.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.app.metrics.Metrics;
import spegel.http.HttpFields;
import spegel.http.HttpRoutes;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;
import spegel.http.ListenAddress;
import spegel.store.StoreStatistics;

class DiagnosticRoutesTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Metrics metrics =
      new Metrics(Set.of(), () -> new StoreStatistics(Map.of()), InstantSource.system());
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server = start(true);

  private HttpServer start(boolean debugEnabled) {
    try {
      return HttpServer.start(
          HttpServerOptions.of("test", new ListenAddress("127.0.0.1", 0))
              .withObserver(metrics.http()),
          DiagnosticRoutes.of(metrics, debugEnabled ? Optional.of(page()) : Optional.empty()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpRoutes page() {
    return HttpRoutes.none()
        .with("/debug/web/*", exchange -> exchange.respond(200, HttpFields.NONE, new byte[] {'p'}));
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.address().getPort() + target))
        .timeout(DEADLINE);
  }

  private HttpResponse<byte[]> get(String target) throws Exception {
    return client.send(request(target).build(), BodyHandlers.ofByteArray());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  @Test
  void metrics_areShown_andRequestsCounted() throws Exception {
    assertEquals(200, get("/metrics").statusCode());
    HttpResponse<byte[]> second = get("/metrics");
    assertTrue(
        text(second)
            .contains(
                "http_request_duration_seconds_count{code=\"200\",handler=\"/metrics\",method=\"GET\"} 1"),
        () -> text(second));
    assertTrue(text(second).contains("http_requests_inflight{handler=\"/metrics\"} 1.0"));
    // 1 KiB × 5^9 is the last of the ten bounds.
    assertTrue(text(second).contains("method=\"GET\",le=\"2.0E9\"} 1"), () -> text(second));
  }

  @Test
  void threads_includeVirtualOnes() throws Exception {
    HttpResponse<byte[]> response = get("/debug/threads");
    assertEquals(200, response.statusCode(), () -> text(response));
    // The request itself runs in a virtual thread of the server's.
    assertTrue(text(response).contains("test-request-"), () -> text(response));
  }

  @Test
  void jfr_isOneFile_andOneAtATime() throws Exception {
    CompletableFuture<HttpResponse<byte[]>> first =
        client.sendAsync(request("/debug/jfr?seconds=2").build(), BodyHandlers.ofByteArray());
    while (!text(get("/metrics")).contains("http_requests_inflight{handler=\"/debug/jfr\"} 1.0")) {
      assertTrue(!first.isDone(), "the recording ended before it was seen");
    }
    // Whichever takes the one place first, the other is refused.
    HttpResponse<byte[]> second = get("/debug/jfr?seconds=1");
    HttpResponse<byte[]> refused = second.statusCode() == 409 ? second : first.join();
    HttpResponse<byte[]> recorded = second.statusCode() == 409 ? first.join() : second;
    assertEquals(409, refused.statusCode(), () -> text(refused));
    assertEquals(200, recorded.statusCode(), () -> text(recorded));
    assertEquals("FLR\0", new String(recorded.body(), 0, 4, StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "61", "-1", "x", "", "1000"})
  void jfr_isRefused_whenSecondsAreWrong(String seconds) throws Exception {
    assertEquals(400, get("/debug/jfr?seconds=" + seconds).statusCode());
  }

  @Test
  void onlyReading_isAllowed() throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            request("/debug/threads").POST(BodyPublishers.noBody()).build(),
            BodyHandlers.ofByteArray());
    assertEquals(405, response.statusCode());
    assertEquals("GET, HEAD", response.headers().firstValue("Allow").orElse(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/debug/",
        "/debug/threads",
        "/debug/jfr",
        "/debug/web/",
        "/debug/web/stats",
        "/debug/web/measure"
      })
  void debug_isAbsent_whenDisabled(String path) throws Exception {
    server.close();
    server = start(false);
    assertEquals(404, get(path).statusCode());
    assertEquals(200, get("/metrics").statusCode());
  }

  @Test
  void page_isBesideTheOthers() throws Exception {
    assertEquals("p", text(get("/debug/web/")));
    assertTrue(text(get("/debug/")).contains("/debug/web/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/debug/heap", "/debug/heapdump", "/debug/pprof/heap", "/"})
  void others_areNotFound(String path) throws Exception {
    assertEquals(404, get(path).statusCode());
  }
}
