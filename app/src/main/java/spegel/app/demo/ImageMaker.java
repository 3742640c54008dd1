package spegel.app.demo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import spegel.oci.Descriptor;
import spegel.oci.MediaTypes;
import spegel.oci.Reference;

/** Makes an image of random bytes: for a registry as good as any, though nothing would run it. */
final class ImageMaker {
  static final Reference NAME = Reference.parse("demo.example/hello/world:1");

  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  /** As with real images, one layer has most of the bytes; these are shares of 16. */
  private static final int[] LAYER_SHARES = {8, 4, 2, 1, 1};

  private static final int SHARES = 16;

  private ImageMaker() {}

  /** Writes an image into the layout, with layers of so many bytes together. */
  static DemoImage make(Layout layout, long bytes, RandomGenerator random) throws IOException {
    List<Descriptor> layers = new ArrayList<>();
    long left = bytes;
    for (int i = LAYER_SHARES.length - 1; i >= 0; i--) {
      long layerBytes = i == 0 ? left : bytes / SHARES * LAYER_SHARES[i];
      layers.addFirst(layout.add(LAYER, new RandomBytes(random, layerBytes)));
      left -= layerBytes;
    }
    Descriptor config = add(layout, CONFIG, config(layers));
    Descriptor manifest =
        add(layout, MediaTypes.OCI_MANIFEST, manifest(MediaTypes.OCI_MANIFEST, config, layers));
    layout.list(NAME, manifest);
    return DemoImage.of(layout, NAME, manifest)
        .orElseThrow(() -> new IllegalStateException("what was made is not there"));
  }

  private static Descriptor add(Layout layout, String mediaType, String json) throws IOException {
    return layout.add(mediaType, new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static String config(List<Descriptor> layers) {
    return """
        {"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}"""
        .formatted(
            layers.stream()
                .map(layer -> "\"" + layer.digest() + "\"")
                .collect(Collectors.joining(",")));
  }

  /** The JSON of a manifest. */
  static String manifest(String mediaType, Descriptor config, List<Descriptor> layers) {
    return """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}"""
        .formatted(
            mediaType,
            json(config),
            layers.stream().map(ImageMaker::json).collect(Collectors.joining(",")));
  }

  private static String json(Descriptor content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(content.mediaType(), content.digest(), content.size());
  }

  /** So many bytes of chance. */
  private static final class RandomBytes extends InputStream {
    private final RandomGenerator random;
    private long left;

    RandomBytes(RandomGenerator random, long bytes) {
      this.random = random;
      this.left = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted");
      }
      if (left == 0) {
        return -1;
      }
      byte[] fresh = new byte[(int) Math.min(length, left)];
      random.nextBytes(fresh);
      System.arraycopy(fresh, 0, bytes, offset, fresh.length);
      left -= fresh.length;
      return fresh.length;
    }
  }
}
