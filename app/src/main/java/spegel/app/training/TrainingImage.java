package spegel.app.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import spegel.oci.Digest;

/**
 * A small image in an OCI image layout: an index, a manifest, a configuration and a layer.
 *
 * @param index the digest that the name points to
 * @param layer its largest blob
 */
record TrainingImage(Digest index, Digest layer) {
  static final String REGISTRY = "docker.io";
  static final String REPOSITORY = "library/training";
  static final String TAG = "1";

  private static final int LAYER_BYTES = 1024 * 1024;

  /** The path of the image's tag, as containerd asks a mirror for it. */
  String tagPath() {
    return "/v2/" + REPOSITORY + "/manifests/" + TAG + "?ns=" + REGISTRY;
  }

  /** Writes the layout into a folder, which is there and empty. */
  static TrainingImage write(Path layout) throws IOException {
    Files.createDirectories(layout.resolve("blobs/sha256"));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    byte[] content = new byte[LAYER_BYTES];
    String config =
        add(layout, "application/vnd.oci.image.config.v1+json", utf8("{\"os\":\"linux\"}"), "");
    String layer = add(layout, "application/vnd.oci.image.layer.v1.tar", content, "");
    String manifestType = "application/vnd.oci.image.manifest.v1+json";
    String manifest =
        add(
            layout,
            manifestType,
            utf8(
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                    .formatted(manifestType, config, layer)),
            ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}");
    String indexType = "application/vnd.oci.image.index.v1+json";
    byte[] index =
        utf8(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(indexType, manifest));
    String name = REGISTRY + "/" + REPOSITORY + ":" + TAG;
    String root =
        add(
            layout,
            indexType,
            index,
            ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + name + "\"}");
    Files.writeString(
        layout.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + root + "]}");
    return new TrainingImage(Digest.sha256(index), Digest.sha256(content));
  }

  /** Stores a blob; the answer is its descriptor in JSON. */
  private static String add(Path layout, String mediaType, byte[] content, String more)
      throws IOException {
    Digest digest = Digest.sha256(content);
    Files.write(layout.resolve("blobs/sha256").resolve(digest.hex()), content);
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(mediaType, digest, content.length, more);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
