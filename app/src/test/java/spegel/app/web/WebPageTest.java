package spegel.app.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.app.node.Node;
import spegel.oci.Digest;

/** The page and its JSON, of nodes that really talk with each other. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WebPageTest {
  /** A peer may call itself what it likes. */
  private static final String AGENT = "<script>alert(\"x\")</script> & 'y'";

  private static final int MAX_PAGE_BYTES = 40 * 1024;

  private static NodePair nodes;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    nodes = new NodePair(folder, AGENT);
    nodes.awaitFound();
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  private static HttpResponse<byte[]> get(String target) throws Exception {
    return nodes.send(nodes.asking.metricsAddress(), "GET", target);
  }

  private static String header(HttpResponse<byte[]> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static JsonObject only(JsonArray array) {
    assertEquals(1, array.size(), array::toString);
    return array.get(0).getAsJsonObject();
  }

  @Test
  void files_areSmall_andNameNoOtherPlace() throws Exception {
    int bytes = 0;
    for (String file : List.of("", "page.css", "page.js")) {
      HttpResponse<byte[]> response = get("/debug/web/" + file);
      assertEquals(200, response.statusCode());
      bytes += response.body().length;
      String text = new String(response.body(), StandardCharsets.UTF_8);
      for (String forbidden : List.of("http:", "https:", "url(", "innerHTML", "style=", "eval(")) {
        assertFalse(text.contains(forbidden), () -> file + ": " + forbidden);
      }
    }
    assertTrue(bytes < MAX_PAGE_BYTES, "bytes: " + bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "'', text/html; charset=utf-8",
    "page.css, text/css; charset=utf-8",
    "page.js, text/javascript; charset=utf-8",
    "stats, application/json",
    "metadata, application/json",
  })
  void answers_areTakenForWhatTheyAre(String file, String type) throws Exception {
    HttpResponse<byte[]> response = get("/debug/web/" + file);
    assertEquals(200, response.statusCode());
    assertEquals(type, header(response, "Content-Type"));
    assertEquals("nosniff", header(response, "X-Content-Type-Options"));
    assertEquals("no-store", header(response, "Cache-Control"));
    String policy = header(response, "Content-Security-Policy");
    assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
    assertFalse(policy.contains("unsafe"), policy);
  }

  @Test
  void folder_isRedirected_andOthersAreNotFound() throws Exception {
    HttpResponse<byte[]> redirect = get("/debug/web");
    assertEquals(308, redirect.statusCode());
    assertEquals("/debug/web/", header(redirect, "Location"));
    assertEquals(404, get("/debug/web/page.map").statusCode());
    assertEquals(404, get("/debug/web/../web/page.js").statusCode());
    assertEquals(
        405, nodes.send(nodes.asking.metricsAddress(), "POST", "/debug/web/stats").statusCode());
  }

  @Test
  void page_isAbsent_whenDisabled(@TempDir Path folder) throws Exception {
    Node quiet = NodePair.startWithoutDebug(folder);
    try {
      for (String file : List.of("", "page.js", "stats", "metadata", "measure")) {
        HttpResponse<byte[]> response =
            nodes.send(quiet.metricsAddress(), "GET", "/debug/web/" + file);
        assertEquals(404, response.statusCode(), file);
      }
      assertEquals(200, nodes.send(quiet.metricsAddress(), "GET", "/metrics").statusCode());
    } finally {
      quiet.stop();
    }
  }

  @Test
  void routes_areTheMetricsLabels() throws Exception {
    for (String file : List.of("", "page.js", "stats", "metadata", "measure")) {
      get("/debug/web/" + file);
    }
    String metrics = new String(get("/metrics").body(), StandardCharsets.UTF_8);
    for (String route : List.of("*", "stats", "metadata", "measure")) {
      String label = "handler=\"/debug/web/" + route + "\"";
      assertTrue(metrics.contains(label), () -> label + " in " + metrics);
    }
    assertFalse(metrics.contains("page.js"), metrics);
  }

  @Test
  void metadata_tellsWhichNodeThisIs() throws Exception {
    JsonObject asking = NodePair.json(get("/debug/web/metadata"));
    assertEquals("asking", asking.get("agentVersion").getAsString());
    assertEquals("static", asking.get("bootstrap").getAsString());
    JsonObject having =
        NodePair.json(nodes.send(nodes.having.metricsAddress(), "GET", "/debug/web/metadata"));
    assertEquals(AGENT, having.get("agentVersion").getAsString());
    assertEquals("none", having.get("bootstrap").getAsString());
    JsonObject peer = only(nodes.stats(nodes.asking).getAsJsonArray("peers"));
    assertEquals(having.get("peerId"), peer.get("id"));
  }

  @Test
  void stats_showWhatIsShared() throws Exception {
    JsonObject store = nodes.stats(nodes.having).getAsJsonObject("store");
    assertTrue(store.get("connected").getAsBoolean());
    assertEquals(1, store.get("imageCount").getAsInt());
    assertEquals(3, store.get("contentCount").getAsInt());
    JsonObject image = only(store.getAsJsonArray("images"));
    assertEquals(NodePair.NAME, image.get("name").getAsString());
    assertEquals(store.get("contentBytes"), image.get("contentBytes"));
    assertTrue(image.get("contentBytes").getAsLong() > NodePair.LAYER_BYTES, image::toString);
    JsonObject none = nodes.stats(nodes.asking).getAsJsonObject("store");
    assertEquals(0, none.getAsJsonArray("images").size());
  }

  @Test
  void stats_showPeers_inTheirOwnWords() throws Exception {
    JsonObject stats = nodes.stats(nodes.asking);
    assertEquals(1, stats.get("connectedCount").getAsInt());
    JsonObject peer = only(stats.getAsJsonArray("peers"));
    assertEquals(AGENT, peer.get("agentVersion").getAsString());
    assertTrue(peer.get("connected").getAsBoolean());
    assertTrue(peer.get("latencyMillis").getAsDouble() > 0, peer::toString);
    assertFalse(peer.get("avoided").getAsBoolean());
    assertEquals("127.0.0.1", peer.getAsJsonArray("addresses").get(0).getAsString());
  }

  @Test
  void stats_showTransfers_onBothSides() throws Exception {
    String digest = Digest.sha256(nodes.layer).toString();
    JsonObject before = nodes.stats(nodes.asking).getAsJsonObject("mirror");
    HttpResponse<byte[]> pulled =
        nodes.send(
            nodes.asking.registryAddress(),
            "GET",
            "/v2/library/app/blobs/" + digest + "?ns=docker.io");
    assertArrayEquals(nodes.layer, pulled.body());
    nodes.send(nodes.asking.registryAddress(), "GET", "/v2/no/such/manifests/1?ns=docker.io");

    JsonObject received = transfer(nodes.asking, digest);
    assertEquals("received", received.get("direction").getAsString());
    JsonObject peer = only(nodes.stats(nodes.asking).getAsJsonArray("peers"));
    assertEquals(peer.get("id"), received.get("peerId"));
    assertEquals("127.0.0.1", received.get("peerAddress").getAsString());
    JsonObject served = transfer(nodes.having, digest);
    assertEquals("served", served.get("direction").getAsString());
    for (JsonObject transfer : List.of(received, served)) {
      assertEquals(NodePair.LAYER_BYTES, transfer.get("lengthBytes").getAsLong());
      assertEquals(NodePair.LAYER_BYTES, transfer.get("sentBytes").getAsLong());
      assertTrue(transfer.get("millis").getAsDouble() > 0);
    }
    JsonObject after = nodes.stats(nodes.asking).getAsJsonObject("mirror");
    assertEquals(1, added(before, after, "hits"));
    assertEquals(1, added(before, after, "misses"));
    assertEquals(NodePair.LAYER_BYTES, added(before, after, "receivedBytes"));
  }

  private static long added(JsonObject before, JsonObject after, String name) {
    return after.get(name).getAsLong() - before.get(name).getAsLong();
  }

  /** Waits until the transfer of the whole blob has ended: a client may have it before that. */
  private static JsonObject transfer(Node node, String key) throws Exception {
    while (true) {
      for (JsonElement element : nodes.stats(node).getAsJsonArray("transfers")) {
        JsonObject transfer = element.getAsJsonObject();
        if (transfer.get("key").getAsString().equals(key)
            && transfer.get("lengthBytes").getAsLong() == NodePair.LAYER_BYTES
            && !transfer.get("running").getAsBoolean()) {
          return transfer;
        }
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  private static HttpResponse<byte[]> measure(String query, String... headers) throws Exception {
    return nodes.send(nodes.asking.metricsAddress(), "POST", "/debug/web/measure" + query, headers);
  }

  @Test
  void measure_tellsOfThePeer() throws Exception {
    HttpResponse<byte[]> response =
        measure("?image=app%3A1", "X-Spegel-Request", "measure", "Sec-Fetch-Site", "same-origin");
    assertEquals(200, response.statusCode());
    JsonObject report = NodePair.json(response);
    assertEquals("complete", report.get("state").getAsString());
    assertEquals(NodePair.NAME, report.get("image").getAsString());
    assertTrue(report.get("lookupMillis").getAsDouble() > 0);
    JsonObject peer = only(report.getAsJsonArray("peers"));
    JsonArray samples = peer.getAsJsonArray("samples");
    assertEquals(3, samples.size(), samples::toString);
    JsonObject layer = samples.get(2).getAsJsonObject();
    assertEquals("layer", layer.get("part").getAsString());
    assertTrue(layer.get("failure").isJsonNull(), layer::toString);
    assertEquals(NodePair.LAYER_BYTES, layer.get("sizeBytes").getAsLong());
    assertEquals(8L << 20, layer.get("readBytes").getAsLong());
    assertEquals(report, NodePair.json(get("/debug/web/measure")));
  }

  @Test
  void measure_isRefused_whenAnotherSiteAsks() throws Exception {
    assertEquals(403, measure("?image=app").statusCode());
    for (String site : List.of("cross-site", "same-site", "none")) {
      HttpResponse<byte[]> response =
          measure("?image=app", "X-Spegel-Request", "measure", "Sec-Fetch-Site", site);
      assertEquals(403, response.statusCode(), site);
    }
    HttpResponse<byte[]> preflight =
        nodes.send(nodes.asking.metricsAddress(), "OPTIONS", "/debug/web/measure");
    assertEquals(405, preflight.statusCode());
    assertEquals("", header(preflight, "Access-Control-Allow-Origin"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?image=", "?image=%3Cscript%3E", "?image=%ff%fe", "?other=app"})
  void measure_isRefused_whenItNamesNoImage(String query) throws Exception {
    HttpResponse<byte[]> response = measure(query, "X-Spegel-Request", "measure");
    assertEquals(400, response.statusCode());
    String error = NodePair.json(response).get("error").getAsString();
    assertTrue(error.startsWith("not an image: "), error);
  }
}
