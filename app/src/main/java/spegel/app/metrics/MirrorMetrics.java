package spegel.app.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What containerd asked for, and whether it got it from this node or its peers. */
public final class MirrorMetrics {
  private final RegistryLabels labels;
  private final Counter requests;
  private final Gauge lastSuccess;

  MirrorMetrics(PrometheusRegistry registry, RegistryLabels labels) {
    this.labels = labels;
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

  /** A request of this registry was answered with content, at a time in milliseconds since 1970. */
  public void hit(String registry, long epochMillis) {
    requests.labelValues(labels.label(registry), "hit").inc();
    lastSuccess.set(epochMillis / 1e3);
  }

  /** A request of this registry was not: containerd goes upstream. */
  public void miss(String registry) {
    requests.labelValues(labels.label(registry), "miss").inc();
  }
}
