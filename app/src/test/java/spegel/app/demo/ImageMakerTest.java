package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.oci.Descriptor;
import spegel.oci.Manifest;

class ImageMakerTest {
  @TempDir Path temporary;

  @Test
  void make_writesLayersOfTheSizeThatWasAskedFor() throws IOException {
    Layout layout = Layout.create(temporary);
    DemoImage image = ImageMaker.make(layout, 1_000_003, new SplittableRandom(7));
    Manifest.Image manifest =
        assertInstanceOf(Manifest.Image.class, Manifest.parse(layout.manifest(image.root())));
    assertEquals(1_000_003, manifest.layers().stream().mapToLong(Descriptor::size).sum());
    assertEquals(5, manifest.layers().size());
    assertEquals(5, manifest.layers().stream().map(Descriptor::digest).distinct().count());
    // Manifest, configuration, layers: each opens only as what it claims to be.
    for (Descriptor content : image.content()) {
      try (var bytes = layout.open(content)) {
        assertEquals(content.size(), bytes.readAllBytes().length);
      }
    }
  }
}
