package spegel.app.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.InstantSource;
import spegel.http.HttpExchange;
import spegel.http.HttpObserver;
import spegel.http.HttpOutcome;
import spegel.oci.Digest;
import spegel.registry.RegistryObserver;

/** What is asked of the registry, and whether other nodes had what this one has not. */
final class MirrorMetrics implements RegistryObserver {
  private static final double MILLIS_PER_SECOND = 1e3;

  private final HttpObserver http;
  private final RegistryLabels labels;
  private final InstantSource clock;
  private final Counter requests;
  private final Gauge lastSuccess;

  MirrorMetrics(
      PrometheusRegistry registry, HttpObserver http, RegistryLabels labels, InstantSource clock) {
    this.http = http;
    this.labels = labels;
    this.clock = clock;
    requests =
        Counter.builder()
            .name("spegel_mirror_requests_total")
            .help("Total number of mirror requests.")
            .labelNames("registry", "cache")
            .withoutExemplars()
            .register(registry);
    lastSuccess =
        Gauge.builder()
            .name("spegel_mirror_last_success_timestamp_seconds")
            .help("The timestamp of the last successful mirror request.")
            .withoutExemplars()
            .register(registry);
  }

  @Override
  public void mirrorRequest(String registry, boolean hit) {
    requests.labelValues(labels.label(registry), hit ? "hit" : "miss").inc();
    if (hit) {
      lastSuccess.set(clock.millis() / MILLIS_PER_SECOND);
    }
  }

  @Override
  public void blobForPeer(HttpExchange exchange, Digest digest, long lengthBytes) {
    // Counted by its route as any answer is.
  }

  @Override
  public void requestStarted(String route) {
    http.requestStarted(route);
  }

  @Override
  public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
    http.requestEnded(exchange, outcome);
  }
}
