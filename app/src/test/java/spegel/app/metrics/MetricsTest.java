package spegel.app.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import spegel.store.StoreStatistics;
import spegel.store.StoreStatistics.Counts;

class MetricsTest {
  private final Map<String, Counts> counts = new HashMap<>();
  private final Metrics metrics =
      new Metrics(
          Set.of("quay.io"),
          () -> new StoreStatistics(counts),
          InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_500L)));

  private String text() {
    return new String(metrics.expose(Optional.empty()).body(), StandardCharsets.UTF_8);
  }

  private void assertLine(String line) {
    String text = text();
    assertTrue(text.lines().anyMatch(line::equals), () -> line + " is not in\n" + text);
  }

  @Test
  void expose_countsTheStore_whenAsked() {
    counts.put("docker.io", new Counts(3, 2, 9));
    assertLine("spegel_advertised_image_tags{registry=\"docker.io\"} 3.0");
    assertLine("spegel_advertised_image_digests{registry=\"docker.io\"} 2.0");
    assertLine("spegel_advertised_content_digests{registry=\"docker.io\"} 9.0");
    counts.put("docker.io", new Counts(1, 1, 4));
    assertLine("spegel_advertised_image_tags{registry=\"docker.io\"} 1.0");
    assertLine("spegel_advertised_content_digests{registry=\"docker.io\"} 4.0");
  }

  @Test
  void expose_addsRegistriesUp_whenThereAreTooMany() {
    for (int i = 0; i < 150; i++) {
      counts.put("registry-" + i, new Counts(1, 1, 2));
    }
    String text = text();
    long series =
        text.lines().filter(line -> line.startsWith("spegel_advertised_image_tags{")).count();
    // One of the hundred is the configured one, which the store has nothing of.
    assertEquals(RegistryLabels.MAX_REGISTRIES, series);
    assertLine("spegel_advertised_image_tags{registry=\"other\"} 51.0");
    assertLine("spegel_advertised_content_digests{registry=\"other\"} 102.0");
  }

  @Test
  void mirror_boundsItsLabels_whenStrangersChooseThem() {
    counts.put("docker.io", new Counts(1, 1, 1));
    metrics.registry().mirrorRequest("docker.io", true);
    metrics.registry().mirrorRequest("docker.io", false);
    metrics.registry().mirrorRequest("quay.io", false);
    for (int i = 0; i < 1_000; i++) {
      metrics.registry().mirrorRequest("evil-" + i + "\"\n", false);
    }
    assertLine("spegel_mirror_requests_total{cache=\"hit\",registry=\"docker.io\"} 1.0");
    assertLine("spegel_mirror_requests_total{cache=\"miss\",registry=\"docker.io\"} 1.0");
    assertLine("spegel_mirror_requests_total{cache=\"miss\",registry=\"quay.io\"} 1.0");
    assertLine("spegel_mirror_requests_total{cache=\"miss\",registry=\"other\"} 1000.0");
    assertLine("spegel_mirror_last_success_timestamp_seconds 1.7000000005E9");
    assertFalse(text().contains("evil"));
  }

  @Test
  void expose_tellsOfTheProcess() {
    String text = text();
    for (String name :
        new String[] {
          "process_cpu_seconds_total",
          "process_resident_memory_bytes",
          "process_virtual_memory_bytes",
          "process_open_fds",
          "process_start_time_seconds",
          "jvm_heap_used_bytes",
          "jvm_heap_max_bytes"
        }) {
      double value =
          text.lines()
              .filter(line -> line.startsWith(name + " "))
              .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
              .findFirst()
              .orElse(-1);
      assertTrue(value > 0, () -> name + " in\n" + text());
    }
  }

  @Test
  void expose_speaksOpenMetrics_whenAccepted() {
    Metrics.Exposition exposition =
        metrics.expose(Optional.of("application/openmetrics-text;version=1.0.0"));
    assertTrue(exposition.contentType().startsWith("application/openmetrics-text"));
    assertTrue(new String(exposition.body(), StandardCharsets.UTF_8).endsWith("# EOF\n"));
    assertTrue(metrics.expose(Optional.empty()).contentType().startsWith("text/plain"));
  }
}
