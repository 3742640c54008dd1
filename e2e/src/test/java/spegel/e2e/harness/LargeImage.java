package spegel.e2e.harness;

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
import java.util.Map;
import java.util.stream.Collectors;
import spegel.oci.Digest;

/**
 * An OCI image layout of an image whose layers are 1 GiB each, all of them zeros but for the last
 * eight bytes, so that it takes no room on the disk.
 *
 * @param manifest its manifest
 * @param layers its layers
 */
public record LargeImage(Path layout, Digest manifest, List<Digest> layers) {
  /** The length of each layer. */
  public static final long LAYER_BYTES = 1L << 30;

  private static final String REPOSITORY = "team/large";

  /** Writes one of so many layers into the folder. */
  public static LargeImage write(Path layout, int count) {
    try {
      Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
      List<Digest> layers = new ArrayList<>();
      MessageDigest zeros = zeros();
      for (long number = 0; number < count; number++) {
        layers.add(writeLayer(blobs, (MessageDigest) zeros.clone(), number));
      }
      OciImage rest = manifestOf(layers);
      OciImage.writeLayout(layout, Map.of("docker.io/" + REPOSITORY + ":1", rest));
      return new LargeImage(layout, rest.digest(), List.copyOf(layers));
    } catch (IOException | NoSuchAlgorithmException | CloneNotSupportedException e) {
      throw new AssertionError("cannot write " + layout, e);
    }
  }

  /** What is not a layer. */
  private static OciImage manifestOf(List<Digest> layers) {
    String architecture = ImageBuilder.hostArchitecture();
    Content config =
        text(
            MediaType.OCI_CONFIG,
            "{\"architecture\":\"%s\",\"os\":\"linux\"}".formatted(architecture));
    String descriptors =
        layers.stream()
            .map(
                layer ->
                    "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                        .formatted(MediaType.OCI_LAYER, layer, LAYER_BYTES))
            .collect(Collectors.joining(","));
    Content manifest =
        text(
            MediaType.OCI_MANIFEST,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(MediaType.OCI_MANIFEST, config.descriptor(), descriptors));
    return new OciImage(architecture, List.of(config, manifest));
  }

  private static Content text(String mediaType, String text) {
    return new Content(mediaType, text.getBytes(StandardCharsets.UTF_8));
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

  /** Where the distribution API has the manifest. */
  public String manifestPath() {
    return "/v2/%s/manifests/%s?ns=docker.io".formatted(REPOSITORY, manifest);
  }

  /** Where the distribution API has a layer. */
  public String layerPath(int number) {
    return "/v2/%s/blobs/%s?ns=docker.io".formatted(REPOSITORY, layers.get(number));
  }
}
