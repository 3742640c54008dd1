package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.oci.Descriptor;

/** Pulls from real registries: one stands for the node's mirror, one for upstream. */
class PullerTest {
  @TempDir Path temporary;
  private final PullProgress progress = new PullProgress();
  private Layout mirrored;
  private Layout upstream;
  private Layout pulled;
  private DemoImage image;

  @BeforeEach
  void makeImage() throws IOException {
    upstream = Layout.create(temporary.resolve("upstream"));
    mirrored = Layout.create(temporary.resolve("mirrored"));
    pulled = Layout.create(temporary.resolve("pulled"));
    image = ImageMaker.make(upstream, 500_000, new SplittableRandom(5));
    ImageImport.read(upstream.root(), mirrored);
  }

  private Path blob(Layout layout, Descriptor content) {
    return layout.root().resolve("blobs/sha256").resolve(content.digest().hex());
  }

  private void pull() throws IOException, InterruptedException {
    try (Upstream mirror = Upstream.start(mirrored, image.name());
        Upstream registry = Upstream.start(upstream, image.name())) {
      new Puller(
              image,
              RegistryClient.of(mirror.address()),
              RegistryClient.of(registry.address()),
              new TokenBucket(1L << 30, System::nanoTime),
              pulled,
              progress)
          .pull();
    }
  }

  private void assertPulled() throws IOException {
    assertEquals(image, DemoImage.of(pulled, image.name(), image.root()).orElseThrow());
    assertEquals(image.root(), pulled.index().entries().getFirst().descriptor());
  }

  @Test
  void pull_asksUpstreamForNothing_thatTheMirrorHas() throws Exception {
    pull();
    assertPulled();
    assertEquals(image.totalBytes(), progress.mirrorBytes());
    assertEquals(0, progress.upstreamBytes());
  }

  @Test
  void pull_goesUpstream_forWhatTheMirrorHasNot() throws Exception {
    Descriptor layer = image.content().getLast();
    Files.delete(blob(mirrored, layer));
    pull();
    assertPulled();
    assertEquals(layer.size(), progress.upstreamBytes());
  }

  @Test
  void pull_fails_andListsNothing_whenNobodyHasSomething() throws Exception {
    Descriptor layer = image.content().getLast();
    Files.delete(blob(mirrored, layer));
    Files.delete(blob(upstream, layer));
    IOException failure = assertThrows(IOException.class, this::pull);
    assertTrue(String.valueOf(failure.getMessage()).contains(layer.digest().toString()));
    assertTrue(pulled.index().entries().isEmpty());
  }

  @Test
  void pull_fails_whenContentIsNotOfItsDigest() throws Exception {
    Descriptor layer = image.content().getLast();
    byte[] bytes = Files.readAllBytes(blob(mirrored, layer));
    bytes[100]++;
    Files.write(blob(mirrored, layer), bytes);
    assertThrows(IOException.class, this::pull);
    assertFalse(pulled.has(layer));
  }
}
