package spegel.app.metrics;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import spegel.http.HttpExchange;
import spegel.http.HttpObserver;
import spegel.http.HttpOutcome;

/** Durations, sizes and number of requests. The labels' values are routes and codes of our own. */
final class HttpMetrics implements HttpObserver {
  private static final double FIRST_SIZE_BYTES = 1_024;
  private static final double SIZE_FACTOR = 5;
  private static final int SIZE_BUCKETS = 10;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Histogram duration;
  private final Histogram size;
  private final Gauge inflight;

  HttpMetrics(PrometheusRegistry registry) {
    duration =
        Histogram.builder()
            .name("http_request_duration_seconds")
            .help("The latency of the HTTP requests.")
            .labelNames("handler", "method", "code")
            .classicOnly()
            .withoutExemplars()
            .register(registry);
    size =
        Histogram.builder()
            .name("http_response_size_bytes")
            .help("The size of the HTTP responses.")
            .labelNames("handler", "method", "code")
            .classicOnly()
            .classicExponentialUpperBounds(FIRST_SIZE_BYTES, SIZE_FACTOR, SIZE_BUCKETS)
            .withoutExemplars()
            .register(registry);
    inflight =
        Gauge.builder()
            .name("http_requests_inflight")
            .help("The number of inflight requests being handled at the same time.")
            .labelNames("handler")
            .withoutExemplars()
            .register(registry);
  }

  @Override
  public void requestStarted(String route) {
    inflight.labelValues(route).inc();
  }

  @Override
  public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
    String code = Integer.toString(outcome.status());
    inflight.labelValues(outcome.route()).dec();
    duration
        .labelValues(outcome.route(), outcome.method(), code)
        .observe(outcome.nanos() / NANOS_PER_SECOND);
    size.labelValues(outcome.route(), outcome.method(), code).observe((double) outcome.bodyBytes());
  }
}
