package spegel.app.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import spegel.http.HttpObserver;
import spegel.mirror.MirrorObserver;
import spegel.registry.RegistryObserver;
import spegel.store.StoreStatistics;

/** All metrics of one node. */
public final class Metrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormatWriter plainText = PrometheusTextFormatWriter.builder().build();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.builder().build();
  private final HttpMetrics http = new HttpMetrics(registry);
  private final MirrorMetrics registryRequests;
  private final PeerMetrics peers = new PeerMetrics(registry);
  private final RouterMetrics router = new RouterMetrics(registry);

  /**
   * @param configuredRegistries registries that may be labels from the start
   * @param store the store's statistics, asked for at each scrape
   * @param clock tells the time of the last success
   */
  public Metrics(
      Set<String> configuredRegistries, Supplier<StoreStatistics> store, InstantSource clock) {
    RegistryLabels labels =
        new RegistryLabels(configuredRegistries, () -> store.get().registries().keySet(), clock);
    this.registryRequests = new MirrorMetrics(registry, http, labels, clock);
    new StoreMetrics(labels, store).register(registry);
    new ProcessMetrics(Path.of("/proc/self")).register(registry);
  }

  /** Measures requests to any server but the registry. */
  public HttpObserver http() {
    return http;
  }

  /** Measures requests to the registry, and what became of them. */
  public RegistryObserver registry() {
    return registryRequests;
  }

  /** Measures what this node has from its peers. */
  public MirrorObserver mirror() {
    return peers;
  }

  /** Measures searches in the network. */
  public RouterMetrics router() {
    return router;
  }

  /**
   * The metrics now.
   *
   * @param accept the request's Accept field: OpenMetrics is given to who names it, else the text
   *     format
   */
  public Exposition expose(Optional<String> accept) {
    ExpositionFormatWriter writer =
        openMetrics.accepts(accept.orElse(null)) ? openMetrics : plainText;
    ByteArrayOutputStream text = new ByteArrayOutputStream(16 * 1024);
    try {
      writer.write(text, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return new Exposition(writer.getContentType(), text.toByteArray());
  }

  /**
   * Metrics as text.
   *
   * @param contentType its media type
   * @param body UTF-8
   */
  @SuppressWarnings("ArrayRecordComponent") // Made for one answer, and never compared.
  public record Exposition(String contentType, byte[] body) {}
}
