package spegel.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import spegel.http.HttpServer;
import spegel.http.HttpServerOptions;
import spegel.http.ListenAddress;
import spegel.mirror.Deliveries;
import spegel.mirror.Mirror;
import spegel.mirror.MirrorObserver;
import spegel.mirror.MirrorOptions;
import spegel.mirror.VerifyBlobs;
import spegel.routing.Lookup;
import spegel.routing.Provider;
import spegel.routing.Router;

/** Measuring while the one peer keeps silent. */
class MeasureHandlerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private ServerSocket silent;
  private Mirror mirror;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    InetAddress address = InetAddress.getLoopbackAddress();
    // The system takes the connection; nobody ever answers.
    silent = new ServerSocket(0, 16, address);
    mirror =
        Mirror.start(
            new MirrorOptions(
                Duration.ofMillis(20),
                3,
                silent.getLocalPort(),
                Optional.empty(),
                VerifyBlobs.NEVER),
            new OneProvider(new Provider("silent", List.of(address))),
            new Deliveries(),
            MirrorObserver.NONE);
    server =
        HttpServer.start(
            HttpServerOptions.of("test", new ListenAddress("127.0.0.1", 0)),
            new MeasureHandler(mirror, name -> !name.repository().path().equals("secret")));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    mirror.close();
    silent.close();
    client.close();
  }

  private HttpRequest request(String method, String image) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.address().getPort() + "/?image=" + image))
        .method(method, BodyPublishers.noBody())
        .header(MeasureHandler.REQUEST_HEADER, MeasureHandler.REQUEST_VALUE)
        .timeout(Duration.ofSeconds(60))
        .build();
  }

  private HttpResponse<String> send(String method, String image) throws Exception {
    return client.send(request(method, image), BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  @Test
  void oneIsMeasuredAtATime_andCanBeWatched() throws Exception {
    assertEquals(404, send("GET", "").statusCode());

    CompletableFuture<HttpResponse<String>> first =
        client.sendAsync(request("POST", "app:1"), BodyHandlers.ofString());
    HttpResponse<String> soFar = send("GET", "");
    while (soFar.statusCode() != 200) {
      soFar = send("GET", "");
    }
    assertEquals("running", json(soFar).get("state").getAsString());
    HttpResponse<String> second = send("POST", "app:2");
    assertEquals(409, second.statusCode());
    assertTrue(json(second).has("error"), second::body);

    HttpResponse<String> ended = first.join();
    assertEquals(200, ended.statusCode());
    JsonObject sample =
        json(ended)
            .getAsJsonArray("peers")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("samples")
            .get(0)
            .getAsJsonObject();
    assertEquals("docker.io/library/app:1", sample.get("key").getAsString());
    assertTrue(sample.get("failure").isJsonPrimitive(), sample::toString);
  }

  @Test
  void image_isNotAskedFor_whenTheFiltersLeaveItOut() throws Exception {
    HttpResponse<String> response = send("POST", "reg.local/secret:1");
    assertEquals(400, response.statusCode());
    assertTrue(response.body().contains("filters"), response::body);
  }

  /** Knows the same provider of everything. */
  private record OneProvider(Provider provider) implements Router {

    @Override
    public boolean ready() {
      return true;
    }

    @Override
    public void advertise(Collection<String> keys) {}

    @Override
    public void withdraw(Collection<String> keys) {}

    @Override
    public Lookup lookup(String key) {
      return new OneFound(provider);
    }

    @Override
    public void close() {}
  }

  private static final class OneFound implements Lookup {
    private Optional<Provider> left;

    OneFound(Provider provider) {
      left = Optional.of(provider);
    }

    @Override
    public Optional<Provider> next(Duration timeout) {
      Optional<Provider> next = left;
      left = Optional.empty();
      return next;
    }

    @Override
    public boolean ended() {
      return left.isEmpty();
    }

    @Override
    public void close() {}
  }
}
