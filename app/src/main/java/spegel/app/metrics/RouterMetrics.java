package spegel.app.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.function.IntSupplier;

/** How the network of nodes does, as this node sees it. */
public final class RouterMetrics {
  private static final String ROUTER = "libp2p";

  private final PrometheusRegistry registry;
  private final DistributionDataPoint resolved;

  RouterMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    this.resolved =
        Histogram.builder()
            .name("spegel_resolve_duration_seconds")
            .help("The duration for router to resolve a peer.")
            .labelNames("router")
            .classicOnly()
            .register(registry)
            .labelValues(ROUTER);
  }

  /** A search has found its first provider. */
  public void resolved(Duration duration) {
    resolved.observe(duration.toNanos() / 1e9);
  }

  /** Shows from now on with how many peers the node is connected. */
  public void showPeers(IntSupplier connected) {
    GaugeWithCallback.builder()
        .name("spegel_router_connected_peers")
        .help("Number of nodes that the router is connected with.")
        .callback(callback -> callback.call(connected.getAsInt()))
        .register(registry);
  }
}
