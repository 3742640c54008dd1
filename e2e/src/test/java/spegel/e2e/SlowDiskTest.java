package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  private static final Duration BETWEEN_PROBES = Duration.ofMillis(20);

  @Test
  void probesAndManifests_areAnsweredAtOnce_whileBlobsComeFromASlowDevice() {
    OciImage image =
        ImageBuilder.oci(70)
            .gzipLayer(6 << 20)
            .gzipLayer(6 << 20)
            .gzipLayer(6 << 20)
            .gzipLayer(6 << 20)
            .build();
    try (DockerRegistry upstream = DockerRegistry.start();
        SlowDevice device = SlowDevice.create(256L << 20, 1 << 20)) {
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
    List<PacedReader> readers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try {
      for (Content layer : image.blobs()) {
        if (layer.bytes().length > 1 << 20) {
          PacedReader reader = PacedReader.get(node.registry().base(), path("team/app", layer));
          readers.add(reader);
          threads.add(Thread.startVirtualThread(() -> reader.read(layer.bytes().length)));
        }
      }
      long began = System.nanoTime();
      long ready = p99Micros(node, "/readyz");
      long served = p99Micros(node, manifest);
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      // 24 MiB at 1 MiB/s last longer than the probes: the disk was slow all the while.
      assertTrue(threads.stream().anyMatch(Thread::isAlive), "blobs came too fast, in " + took);
      assertTrue(ready <= MAX_P99_MICROS, "p99 of /readyz: " + ready + " µs");
      assertTrue(served <= MAX_P99_MICROS, "p99 of a manifest: " + served + " µs");
    } finally {
      readers.forEach(PacedReader::close);
    }
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
