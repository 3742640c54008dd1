package spegel.e2e.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.OciImage;

/** Images that run: a static busybox, which sleeps until it is killed. */
final class RunnableImages {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private RunnableImages() {}

  /** One with a layer of so many bytes more, which makes it unlike those of other seeds. */
  static OciImage sleeping(long seed, int bytes) {
    try {
      ImageBuilder builder =
          ImageBuilder.oci(seed)
              .program("busybox", Files.readAllBytes(BUSYBOX))
              .command("/busybox", "sleep", "100000");
      return (bytes == 0 ? builder : builder.gzipLayer(bytes)).build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
