package spegel.app.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import spegel.mirror.MirrorObserver;
import spegel.mirror.PeerOutcome;
import spegel.mirror.Transfer;

/** What this node has from its peers, and how they do. */
final class PeerMetrics implements MirrorObserver {
  private final Map<PeerOutcome, CounterDataPoint> requests = new EnumMap<>(PeerOutcome.class);
  private final CounterDataPoint bytes;
  private final GaugeDataPoint transfers;
  private final CounterDataPoint toPeer;
  private final CounterDataPoint toUpstream;
  private final CounterDataPoint wrongContent;
  private final CounterDataPoint tagConflicts;

  PeerMetrics(PrometheusRegistry registry) {
    Counter outcomes =
        counter("spegel_peer_requests_total", "Requests to peers by what became of them.")
            .labelNames("outcome")
            .register(registry);
    for (PeerOutcome outcome : PeerOutcome.values()) {
      requests.put(outcome, outcomes.labelValues(outcome.name().toLowerCase(Locale.ROOT)));
    }
    bytes =
        counter("spegel_peer_received_bytes_total", "Bytes of blobs of peers that were passed on.")
            .register(registry);
    transfers =
        Gauge.builder()
            .name("spegel_peer_transfers")
            .help("Blobs of peers that are being passed on.")
            .withoutExemplars()
            .register(registry);
    Counter switches =
        counter(
                "spegel_peer_switches_total",
                "Blobs whose peer failed or stalled half-way, by what went on.")
            .labelNames("next")
            .register(registry);
    toPeer = switches.labelValues("peer");
    toUpstream = switches.labelValues("upstream");
    wrongContent =
        counter(
                "spegel_peer_wrong_content_total",
                "Content of peers that was not what its digest promises.")
            .register(registry);
    tagConflicts =
        counter(
                "spegel_peer_tag_conflicts_total",
                "Tags that peers answered with different digests within a minute.")
            .register(registry);
  }

  private static Counter.Builder counter(String name, String help) {
    return Counter.builder().name(name).help(help).withoutExemplars();
  }

  @Override
  public void asked(PeerOutcome outcome) {
    CounterDataPoint counter = requests.get(outcome);
    if (counter != null) {
      counter.inc();
    }
  }

  @Override
  public void began(Transfer transfer) {
    transfers.inc();
  }

  @Override
  public void ended(Transfer transfer) {
    transfers.dec();
    bytes.inc(transfer.sentBytes());
  }

  @Override
  public void switched(boolean found) {
    (found ? toPeer : toUpstream).inc();
  }

  @Override
  public void wrongContent(String peerId, String key) {
    wrongContent.inc();
  }

  @Override
  public void tagConflict() {
    tagConflicts.inc();
  }
}
