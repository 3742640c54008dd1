package spegel.e2e.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import spegel.e2e.harness.MediaType;
import spegel.e2e.harness.TextFile;
import spegel.oci.Digest;

/**
 * An OCI image layout of an image whose layers are 1 GiB each, all of them zeros but for the last
 * eight bytes, so that it takes no room on the disk.
 *
 * @param manifest its manifest
 * @param layers its layers
 */
record LargeImage(Path layout, Digest manifest, List<Digest> layers) {
  static final long LAYER_BYTES = 1L << 30;

  private static final String REPOSITORY = "team/large";

  /** Writes one of so many layers into the folder. */
  static LargeImage write(Path layout, int count) {
    try {
      Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
      List<Digest> layers = new ArrayList<>();
      MessageDigest zeros = zeros();
      for (long number = 0; number < count; number++) {
        layers.add(writeLayer(blobs, (MessageDigest) zeros.clone(), number));
      }
      String config = "{\"architecture\":\"amd64\",\"os\":\"linux\"}";
      String descriptors =
          layers.stream()
              .map(layer -> descriptor(MediaType.OCI_LAYER, layer, LAYER_BYTES))
              .collect(Collectors.joining(","));
      String manifest =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
              .formatted(
                  MediaType.OCI_MANIFEST,
                  descriptor(MediaType.OCI_CONFIG, writeText(blobs, config), config.length()),
                  descriptors);
      Digest digest = writeText(blobs, manifest);
      TextFile.write(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
      TextFile.write(
          layout.resolve("index.json"),
          "{\"schemaVersion\":2,\"manifests\":[%s]}"
              .formatted(named(descriptor(MediaType.OCI_MANIFEST, digest, manifest.length()))));
      return new LargeImage(layout, digest, List.copyOf(layers));
    } catch (IOException | NoSuchAlgorithmException | CloneNotSupportedException e) {
      throw new AssertionError("cannot write " + layout, e);
    }
  }

  /** All of a layer but its end. */
  private static MessageDigest zeros() throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] piece = new byte[1 << 20];
    for (long hashed = 0; hashed < LAYER_BYTES - Long.BYTES; hashed += piece.length) {
      digest.update(piece, 0, (int) Math.min(piece.length, LAYER_BYTES - Long.BYTES - hashed));
    }
    return digest;
  }

  private static Digest writeLayer(Path blobs, MessageDigest digest, long number)
      throws IOException {
    ByteBuffer end = ByteBuffer.allocate(Long.BYTES).putLong(0, number);
    digest.update(end.array());
    Digest layer = Digest.parse("sha256:" + HexFormat.of().formatHex(digest.digest()));
    try (FileChannel file =
        FileChannel.open(
            blobs.resolve(layer.hex()), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(end, LAYER_BYTES - Long.BYTES);
    }
    return layer;
  }

  private static Digest writeText(Path blobs, String text) {
    Digest digest = Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    TextFile.write(blobs.resolve(digest.hex()), text);
    return digest;
  }

  private static String descriptor(String mediaType, Digest digest, long size) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, digest, size);
  }

  private static String named(String descriptor) {
    return descriptor.substring(0, descriptor.length() - 1)
        + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"docker.io/%s:1\"}}"
            .formatted(REPOSITORY);
  }

  String manifestPath() {
    return "/v2/%s/manifests/%s?ns=docker.io".formatted(REPOSITORY, manifest);
  }

  String layerPath(int number) {
    return "/v2/%s/blobs/%s?ns=docker.io".formatted(REPOSITORY, layers.get(number));
  }
}
