package spegel.e2e.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.FreePort;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.Json;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.SpegelNode;

@ExtendWith(FailureLogs.class)
class MonitoringTest {
  private static final String ALERTS = "charts/spegel/monitoring/alerts.yaml";
  private static final String DASHBOARD = "charts/spegel/monitoring/grafana-dashboard.json";
  private static final OciImage IMAGE =
      ImageBuilder.oci(120).gzipLayer(300_000).gzipLayer(20_000).build();
  private static final String NAME = "upstream.test/team/app:1";
  private static final Duration SEEN_WITHIN = Duration.ofSeconds(30);

  /** A metric's name, and the labels that it is asked for with. */
  private static final Pattern SELECTOR =
      Pattern.compile("\\b(?:spegel|http|process|jvm)_[a-z_]+(?:\\{[^}]*})?|\\bup\\b");

  @Test
  void alerts_areWellFormed_andFireWhenTheyShould() {
    Command.run("promtool", "check", "rules", Repository.file(ALERTS)).orFail();
    String tests = "e2e/src/test/resources/spegel/e2e/monitoring/alerts-test.yaml";
    Command.run("promtool", "test", "rules", Repository.file(tests)).orFail();
  }

  @Test
  void queries_findWhatNodesMeasure(@TempDir Path folder) throws IOException {
    int port = FreePort.next();
    int router = FreePort.next();
    String[] flags = {
      "--bootstrap-kind=static", "--static-bootstrap-peers=/ip4/127.0.0.1/tcp/" + router
    };
    try (SpegelNode having =
            node(folder, "127.0.0.1", port, Map.of(NAME, IMAGE)).routerPort(router).start();
        SpegelNode asking = node(folder, "127.0.0.2", port, Map.of()).flags(flags).start();
        Prometheus prometheus =
            Prometheus.scrape(
                "spegel",
                List.of(metricsAddress(having), metricsAddress(asking)),
                Repository.file(ALERTS))) {
      awaitScrape(prometheus, "count(spegel_router_connected_peers) == 2");
      makeTraffic(asking);
      awaitScrape(prometheus, "spegel_peer_received_bytes_total == " + blobBytes());
      makeTraffic(asking);
      assertPanelsShow(prometheus);
      assertAlertsLookAtWhatIsThere(prometheus);
    }
  }

  private static SpegelNode.Builder node(
      Path folder, String address, int port, Map<String, OciImage> images) {
    Path layout = folder.resolve(address);
    OciImage.writeLayout(layout, images);
    return SpegelNode.overLayout(layout).listen(address).registryPort(port);
  }

  private static String metricsAddress(SpegelNode node) {
    return node.diagnostics().base().getAuthority();
  }

  /** Hits and a miss; the second time there are series already, whose rates can be told. */
  private static void makeTraffic(SpegelNode asking) {
    String manifest = "/v2/team/app/manifests/1?ns=upstream.test";
    String missing = "/v2/team/app/manifests/2?ns=upstream.test";
    Await.until(
        "the other node is found",
        SEEN_WITHIN,
        () -> asking.registry().get(manifest).statusCode() == 200);
    IMAGE
        .blobs()
        .forEach(
            blob -> {
              String path = "/v2/team/app/blobs/" + blob.digest() + "?ns=upstream.test";
              assertEquals(200, asking.registry().get(path).statusCode());
            });
    assertEquals(404, asking.registry().get(missing).statusCode());
  }

  private static long blobBytes() {
    return IMAGE.blobs().stream().mapToLong(blob -> blob.bytes().length).sum();
  }

  private static void awaitScrape(Prometheus prometheus, String query) {
    Await.until(query, SEEN_WITHIN, () -> !prometheus.query(query).isEmpty());
  }

  /** The queries of the dashboard by what they are for, with its variables filled in. */
  private static Map<String, String> panelQueries() throws IOException {
    Map<?, ?> dashboard = Json.parse(Files.readString(Path.of(Repository.file(DASHBOARD))));
    Map<String, String> queries = new LinkedHashMap<>();
    for (Map<?, ?> panel : Json.objects(dashboard.get("panels"))) {
      for (Map<?, ?> target : Json.objects(panel.get("targets"))) {
        queries.put(
            panel.get("title") + " " + target.get("refId"),
            String.valueOf(target.get("expr"))
                .replace("$__rate_interval", "1m")
                .replace("$__range", "1m")
                .replace("$job", "spegel")
                .replace("$instance", ".*"));
      }
    }
    return queries;
  }

  private static void assertPanelsShow(Prometheus prometheus) throws IOException {
    Map<String, String> queries = panelQueries();
    assertTrue(queries.size() >= 20, () -> "queries: " + queries);
    queries.forEach(
        (panel, query) -> {
          assertTrue(!query.contains("$"), () -> "a variable is not filled in: " + query);
          // A rate needs two scrapes.
          Await.until(panel + ": " + query, SEEN_WITHIN, () -> prometheus.hasNumber(query));
        });
  }

  /** No alert is to fire here; but each metric that it asks for is there, with its labels. */
  private static void assertAlertsLookAtWhatIsThere(Prometheus prometheus) {
    List<Map<?, ?>> rules = prometheus.rules();
    assertEquals(8, rules.size());
    for (Map<?, ?> rule : rules) {
      assertEquals("", rule.containsKey("lastError") ? rule.get("lastError") : "");
      List<String> selectors =
          SELECTOR
              .matcher(String.valueOf(rule.get("query")))
              .results()
              .map(MatchResult::group)
              .toList();
      assertTrue(!selectors.isEmpty(), () -> "nothing is asked for: " + rule);
      selectors.forEach(
          selector ->
              assertTrue(
                  !prometheus.query(selector).isEmpty(),
                  () -> rule.get("name") + " asks for what no node has: " + selector));
    }
  }
}
