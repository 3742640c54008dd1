package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import spegel.oci.Digest;

/** An image of any kind with all its content, in memory. */
public final class OciImage {
  private final Content root;
  private final String architecture;
  private final Map<Digest, Content> contents;

  /** The children come before their parents, the root last. */
  OciImage(String architecture, List<Content> childrenFirst) {
    this.architecture = architecture;
    this.root = childrenFirst.getLast();
    this.contents = new LinkedHashMap<>();
    childrenFirst.forEach(content -> contents.put(content.digest(), content));
  }

  /** The index or manifest that a tag points to. */
  public Content root() {
    return root;
  }

  /** The digest of the root. */
  public Digest digest() {
    return root.digest();
  }

  /** The processor that its programs are for; empty when that says nothing. */
  public String architecture() {
    return architecture;
  }

  /** Everything, children before their parents, each once. */
  public Collection<Content> contents() {
    return contents.values();
  }

  /** The configurations and layers. */
  public List<Content> blobs() {
    return contents.values().stream().filter(content -> !content.manifest()).toList();
  }

  /** The largest layer. */
  public Content largestBlob() {
    return blobs().stream()
        .max((a, b) -> Integer.compare(a.bytes().length, b.bytes().length))
        .orElseThrow();
  }

  /** Writes an OCI image layout (image-layout.md) that has each image under its tagged name. */
  public static void writeLayout(Path folder, Map<String, OciImage> images) {
    try {
      Files.createDirectories(folder.resolve("blobs/sha256"));
      for (OciImage image : images.values()) {
        for (Content content : image.contents()) {
          Files.write(
              folder.resolve("blobs/sha256").resolve(content.digest().hex()), content.bytes());
        }
      }
      String manifests =
          images.entrySet().stream()
              .map(image -> descriptor(image.getKey(), image.getValue().root()))
              .collect(Collectors.joining(","));
      Files.writeString(
          folder.resolve("index.json"),
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
              .formatted(MediaType.OCI_INDEX, manifests),
          StandardCharsets.UTF_8);
      Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String descriptor(String name, Content root) {
    return root.descriptor(
        ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}".formatted(name));
  }
}
