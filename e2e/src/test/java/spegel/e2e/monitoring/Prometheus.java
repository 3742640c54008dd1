package spegel.e2e.monitoring;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.ChildProcess;
import spegel.e2e.harness.FreePort;
import spegel.e2e.harness.Json;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.TextFile;

/** Debian's Prometheus, which scrapes every second and has loaded the alerts. */
final class Prometheus implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(30);

  private final ChildProcess process;
  private final RegistryClient client;

  private Prometheus(ChildProcess process, RegistryClient client) {
    this.process = process;
    this.client = client;
  }

  /** Scrapes the targets, each {@code host:port}, under the job's name. */
  static Prometheus scrape(String job, List<String> targets, String rules) {
    Path folder = RunFolder.current().newFolder("prometheus");
    String address = "127.0.0.1:" + FreePort.next();
    String config =
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
        rule_files: ['%s']
        scrape_configs:
          - job_name: '%s'
            static_configs: [{targets: ['%s']}]
        """
            .formatted(rules, job, String.join("', '", targets));
    TextFile.write(folder.resolve("prometheus.yml"), config);
    ChildProcess process =
        ChildProcess.start(
            "prometheus",
            folder.resolve("log"),
            Map.of(),
            List.of(
                "prometheus",
                "--config.file=" + folder.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=" + address));
    RegistryClient client = new RegistryClient(URI.create("http://" + address));
    Await.until("Prometheus is ready", READY_WITHIN, () -> process.answers(client, "/-/ready"));
    return new Prometheus(process, client);
  }

  /** The series that the query gives now; an {@link AssertionError} when it is no query. */
  List<Map<?, ?>> query(String query) {
    return Json.objects(data("/api/v1/query", "query", query).get("result"));
  }

  /** Whether the query gives a number now, and not only what 0 divided by 0 is. */
  boolean hasNumber(String query) {
    return query(query).stream()
        .anyMatch(
            series ->
                series.get("value") instanceof List<?> value
                    && !String.valueOf(value.getLast()).equals("NaN"));
  }

  /** The rules that it has loaded. */
  List<Map<?, ?>> rules() {
    List<Map<?, ?>> rules = new ArrayList<>();
    for (Map<?, ?> group : Json.objects(data("/api/v1/rules", "type", "alert").get("groups"))) {
      rules.addAll(Json.objects(group.get("rules")));
    }
    return rules;
  }

  private Map<?, ?> data(String path, String parameter, String value) {
    String query = parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    HttpResponse<byte[]> response = client.get(path + "?" + query);
    String body = new String(response.body(), StandardCharsets.UTF_8);
    if (response.statusCode() != 200) {
      throw new AssertionError("Prometheus refuses " + value + ": " + body);
    }
    return Json.object(Json.parse(body).get("data"));
  }

  @Override
  public void close() {
    process.close();
  }
}
