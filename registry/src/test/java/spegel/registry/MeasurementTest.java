package spegel.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.registry.MirrorCluster.head;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.mirror.Measurement;
import spegel.mirror.Measurement.Limits;
import spegel.mirror.MeasurementReport;
import spegel.mirror.MeasurementReport.Part;
import spegel.mirror.MeasurementReport.PeerSamples;
import spegel.mirror.MeasurementReport.Sample;
import spegel.mirror.MeasurementReport.State;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.registry.MirrorCluster.MirrorNode;
import spegel.registry.MirrorCluster.ScriptedPeer;

/** How an image can be had from peers, over real sockets. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MeasurementTest {
  private static final byte[] LAYER = random(3_000_000);
  private static final byte[] CONFIG = "{}".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MANIFEST = Node.manifest(CONFIG, LAYER);
  private static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

  private MirrorCluster cluster;

  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(8).nextBytes(content);
    return content;
  }

  @BeforeEach
  void begin() throws Exception {
    cluster = new MirrorCluster();
  }

  @AfterEach
  void end() throws Exception {
    cluster.close();
  }

  private static Limits limits(Duration time, long bytesOfBlob, long bytes) {
    return new Limits(time, Duration.ofSeconds(3), 8, 64, bytesOfBlob, bytes);
  }

  private MeasurementReport measure(Limits limits) throws Exception {
    Measurement measurement = cluster.node().mirror.measurement(Node.LATEST, limits);
    assertEquals(State.RUNNING, measurement.report().state());
    measurement.run();
    return measurement.report();
  }

  private MeasurementReport measure() throws Exception {
    return measure(Limits.DEFAULT);
  }

  private static List<Part> parts(PeerSamples peer) {
    return peer.samples().stream().map(Sample::part).toList();
  }

  private static PeerSamples only(MeasurementReport report) {
    assertEquals(1, report.peers().size(), report::toString);
    return report.peers().getFirst();
  }

  @Test
  void run_asksEachPeer_forManifestAndLayers() throws Exception {
    MirrorNode one = cluster.node();
    MirrorNode two = cluster.node();
    one.putImage(Node.LATEST, LAYER);
    two.putImage(Node.LATEST, LAYER);

    MeasurementReport report = measure();

    assertEquals(State.COMPLETE, report.state(), report::toString);
    assertNotNull(report.lookup());
    assertEquals(
        List.of(one.address, two.address),
        report.peers().stream()
            .map(PeerSamples::address)
            .sorted(Comparator.comparing(Object::toString))
            .toList());
    for (PeerSamples peer : report.peers()) {
      assertEquals(List.of(Part.MANIFEST, Part.CONFIG, Part.LAYER), parts(peer));
      Sample layer = peer.samples().getLast();
      assertNull(layer.failure());
      assertEquals(Digest.sha256(LAYER).toString(), layer.key());
      assertEquals(LAYER.length, layer.sizeBytes());
      assertEquals(LAYER.length, layer.readBytes());
      Duration firstByte = layer.firstByte();
      assertNotNull(firstByte);
      assertTrue(firstByte.compareTo(layer.total()) <= 0, layer::toString);
    }
    String served = Digest.sha256(LAYER) + " " + LAYER.length;
    assertTrue(one.observations.blobsForPeers.contains(served));
    assertEquals(List.of(), one.observations.mirrorRequests, "nobody else was asked");
  }

  @Test
  void run_readsTheBeginning_ofWhatIsLarge() throws Exception {
    cluster.node().putImage(Node.LATEST, LAYER);

    MeasurementReport report = measure(limits(Duration.ofSeconds(30), 1_000_000, 10_000_000));

    Sample layer = only(report).samples().getLast();
    assertEquals(State.COMPLETE, report.state());
    assertNull(layer.failure());
    assertEquals(LAYER.length, layer.sizeBytes());
    assertEquals(1_000_000, layer.readBytes());
  }

  @Test
  void run_ends_whenEnoughIsRead() throws Exception {
    cluster.node().putImage(Node.LATEST, LAYER);
    cluster.node().putImage(Node.LATEST, LAYER);

    MeasurementReport report = measure(limits(Duration.ofSeconds(30), 2_000_000, 1_000_000));

    assertEquals(State.OUT_OF_BYTES, report.state());
    long read =
        report.peers().stream()
            .flatMap(peer -> peer.samples().stream())
            .filter(sample -> sample.part() == Part.CONFIG || sample.part() == Part.LAYER)
            .mapToLong(Sample::readBytes)
            .sum();
    assertEquals(1_000_000, read);
  }

  @Test
  void run_ends_whenTheTimeIsOver() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    ScriptedPeer silent = cluster.peer((request, out) -> never.await());
    silent.advertise(Node.LATEST.taggedName());
    cluster.node().putImage(Node.LATEST, LAYER);

    MeasurementReport report = measure(limits(Duration.ofMillis(300), 1 << 20, 1 << 20));

    assertEquals(State.OUT_OF_TIME, report.state(), report::toString);
    assertEquals(2, report.peers().size());
    never.countDown();
  }

  @Test
  void run_saysSo_whenNobodyHasIt() throws Exception {
    MeasurementReport report = measure();
    assertEquals(State.NO_PROVIDER, report.state());
    assertNull(report.lookup());
    assertEquals(List.of(), report.peers());
  }

  @Test
  void run_findsTheManifestOfAnIndex_thatThePeerHas() throws Exception {
    MirrorNode has = cluster.node();
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s,%s]}"
            .formatted(
                INDEX_TYPE,
                descriptor("other platform".getBytes(StandardCharsets.UTF_8)),
                descriptor(MANIFEST))
            .getBytes(StandardCharsets.UTF_8);
    for (byte[] content : List.of(CONFIG, LAYER, MANIFEST, index)) {
      has.store.putBlob(content);
    }
    has.store.putImage(Node.LATEST, new Descriptor(INDEX_TYPE, Digest.sha256(index), index.length));
    has.router.advertise(List.of(Node.LATEST.taggedName()));

    PeerSamples peer = only(measure());

    assertEquals(List.of(Part.INDEX, Part.MANIFEST, Part.CONFIG, Part.LAYER), parts(peer));
    assertTrue(peer.samples().stream().allMatch(sample -> sample.failure() == null));
  }

  private static String descriptor(byte[] manifest) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(Node.MEDIA_TYPE, Digest.sha256(manifest), manifest.length);
  }

  @Test
  void failures_areTold_andOthersMeasured() throws Exception {
    cluster.deadPeer(Node.LATEST.taggedName());
    ScriptedPeer busy = cluster.peer((request, out) -> out.write(head(503, 0)));
    ScriptedPeer wrong =
        cluster.peer(
            (request, out) -> {
              String digest = "Docker-Content-Digest: " + Digest.sha256(LAYER);
              out.write(head(200, MANIFEST.length, digest, "Content-Type: " + Node.MEDIA_TYPE));
              out.write(MANIFEST);
            });
    busy.advertise(Node.LATEST.taggedName());
    wrong.advertise(Node.LATEST.taggedName());
    MirrorNode good = cluster.node();
    good.putImage(Node.LATEST, LAYER);

    MeasurementReport report = measure();

    assertEquals(State.COMPLETE, report.state());
    assertEquals(4, report.peers().size());
    for (PeerSamples peer : report.peers()) {
      if (peer.address().equals(good.address)) {
        assertEquals(3, peer.samples().size());
      } else {
        assertEquals(1, peer.samples().size());
        assertNotNull(peer.samples().getFirst().failure(), peer::toString);
      }
    }
  }

  @Test
  void blob_isAFailure_whenItEndsEarlyOrHasAnotherSize() throws Exception {
    for (int bytes : List.of(LAYER.length - 1, LAYER.length)) {
      ScriptedPeer peer =
          cluster.peer(
              (request, out) -> {
                if (request.contains("/manifests/")) {
                  String digest = "Docker-Content-Digest: " + Digest.sha256(MANIFEST);
                  String type = "Content-Type: " + Node.MEDIA_TYPE;
                  out.write(head(200, MANIFEST.length, digest, type));
                  out.write(MANIFEST);
                } else if (request.contains(Digest.sha256(CONFIG).toString())) {
                  out.write(head(200, CONFIG.length));
                  out.write(CONFIG);
                } else {
                  out.write(head(200, bytes));
                  out.write(LAYER, 0, 1000);
                }
              });
      peer.advertise(Node.LATEST.taggedName());
    }

    MeasurementReport report = measure();

    assertEquals(2, report.peers().size());
    for (PeerSamples peer : report.peers()) {
      assertEquals(3, peer.samples().size(), peer::toString);
      assertNull(peer.samples().get(1).failure());
      assertNotNull(peer.samples().get(2).failure());
    }
  }

  @Test
  void run_isCutShort_whenItsThreadIsInterrupted() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    ScriptedPeer silent =
        cluster.peer(
            (request, out) -> {
              asked.countDown();
              never.await();
            });
    silent.advertise(Node.LATEST.taggedName());
    Measurement measurement = cluster.node().mirror.measurement(Node.LATEST, Limits.DEFAULT);

    Thread thread = Thread.ofVirtual().start(measurement::run);
    asked.await();
    thread.interrupt();
    thread.join();

    assertEquals(State.INTERRUPTED, measurement.report().state());
    never.countDown();
  }
}
