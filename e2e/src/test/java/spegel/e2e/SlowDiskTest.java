package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Containerd;
import spegel.e2e.harness.ContainerdVersion;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.PacedReader;
import spegel.e2e.harness.SlowDevice;
import spegel.e2e.harness.SpegelNode;

/** A disk that is slow to give blobs delays neither a probe nor a manifest. */
@ExtendWith(FailureLogs.class)
class SlowDiskTest {
  private static final int PROBES = 300;
  private static final long MAX_P99_MICROS = 50_000;

  /** Of a manifest nothing is promised but that it does not wait for the disk. */
  private static final long MAX_MANIFEST_P99_MICROS = 200_000;

  private static final int LAYER_BYTES = 12 << 20;
  private static final int PIECE_BYTES = 64 << 10;
  private static final Duration BETWEEN_PROBES = Duration.ofMillis(20);

  @Test
  void probesAndManifests_areAnsweredAtOnce_whileBlobsComeFromASlowDevice() {
    OciImage image =
        ImageBuilder.oci(70)
            .gzipLayer(LAYER_BYTES)
            .gzipLayer(LAYER_BYTES)
            .gzipLayer(LAYER_BYTES)
            .gzipLayer(LAYER_BYTES)
            .build();
    try (DockerRegistry upstream = DockerRegistry.start();
        SlowDevice device = SlowDevice.create(384L << 20, 1 << 20)) {
      upstream.push(image, "team/app", "1");
      try (Containerd containerd =
          Containerd.of(ContainerdVersion.V2).root(device.folder().resolve("root")).start()) {
        containerd.reach("upstream.test", upstream.url());
        // Only the content is on the device: an unpacked image would need room for nothing.
        containerd.fetch("upstream.test/team/app:1").orFail();
        device.dropCache();
        try (SpegelNode node = SpegelNode.beside(containerd).wrapped(device::wrap).start()) {
          String manifest = tagged("team/app", "1");
          Await.until(
              "the manifest is served",
              Duration.ofSeconds(20),
              () -> node.registry().get(manifest).statusCode() == 200);
          measure(node, image, manifest);
        }
      }
    }
  }

  private static void measure(SpegelNode node, OciImage image, String manifest) {
    List<Content> layers =
        image.blobs().stream().filter(blob -> blob.bytes().length > LAYER_BYTES).toList();
    CountDownLatch begun = new CountDownLatch(1);
    AtomicInteger read = new AtomicInteger();
    List<Thread> readers = layers.stream().map(layer -> reader(node, layer, begun, read)).toList();
    try {
      Await.until("a layer comes", Duration.ofSeconds(20), () -> begun.getCount() == 0);
      long ready = p99Micros(node, "/readyz");
      long served = p99Micros(node, manifest);
      // All that the device can give in the time of all probes is less than the layers are.
      assertTrue(readers.stream().anyMatch(Thread::isAlive), "blobs came too fast: " + read);
      assertTrue(ready <= MAX_P99_MICROS, "p99 of /readyz: " + ready + " µs");
      assertTrue(served <= MAX_MANIFEST_P99_MICROS, "p99 of a manifest: " + served + " µs");
    } finally {
      readers.forEach(Thread::interrupt);
    }
  }

  /** A thread that reads the layer until it ends or is interrupted, which closes a channel. */
  private static Thread reader(
      SpegelNode node, Content layer, CountDownLatch begun, AtomicInteger read) {
    return Thread.startVirtualThread(
        () -> {
          try (PacedReader reader =
              PacedReader.get(node.registry().base(), path("team/app", layer))) {
            for (int left = layer.bytes().length; left > 0; left -= PIECE_BYTES) {
              read.addAndGet(reader.read(PIECE_BYTES).length);
              begun.countDown();
            }
          } catch (UncheckedIOException e) {
            // Interrupted, or cut by the end of the node: the assertions count what came.
            begun.countDown();
          }
        });
  }

  private static long p99Micros(SpegelNode node, String path) {
    long[] micros = new long[PROBES];
    for (int i = 0; i < PROBES; i++) {
      long began = System.nanoTime();
      assertEquals(200, node.registry().get(path).statusCode());
      micros[i] = (System.nanoTime() - began) / 1_000;
      LockSupport.parkNanos(BETWEEN_PROBES.toNanos());
    }
    Arrays.sort(micros);
    return micros[PROBES * 99 / 100];
  }
}
