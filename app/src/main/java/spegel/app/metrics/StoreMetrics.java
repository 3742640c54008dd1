package spegel.app.metrics;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import spegel.store.StoreStatistics;
import spegel.store.StoreStatistics.Counts;

/** What the node advertises, counted when it is asked for. */
final class StoreMetrics {
  private final RegistryLabels labels;
  private final Supplier<StoreStatistics> store;

  StoreMetrics(RegistryLabels labels, Supplier<StoreStatistics> store) {
    this.labels = labels;
    this.store = store;
  }

  void register(PrometheusRegistry registry) {
    gauge(
        registry,
        "spegel_advertised_image_tags",
        "Number of image tags advertised to be available.",
        Counts::tags);
    gauge(
        registry,
        "spegel_advertised_image_digests",
        "Number of image digests advertised to be available.",
        Counts::imageDigests);
    gauge(
        registry,
        "spegel_advertised_content_digests",
        "Number of content digests advertised to be available.",
        Counts::contentDigests);
  }

  private void gauge(
      PrometheusRegistry registry, String name, String help, ToLongFunction<Counts> count) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("registry")
        .callback(callback -> sums(count).forEach((label, sum) -> callback.call(sum, label)))
        .register(registry);
  }

  /** The counts by label: registries without a label of their own are added up. */
  private Map<String, Long> sums(ToLongFunction<Counts> count) {
    Map<String, Long> sums = new TreeMap<>();
    store
        .get()
        .registries()
        .forEach(
            (registry, counts) ->
                sums.merge(labels.labelOfStore(registry), count.applyAsLong(counts), Long::sum));
    return sums;
  }
}
