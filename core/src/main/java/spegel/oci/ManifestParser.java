package spegel.oci;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a manifest in one pass. The fields may come in any order and an image's configuration has a
 * {@code config} of its own, so the fields are collected as they are, and judged at the end.
 */
final class ManifestParser {
  private static final Set<String> KNOWN_FIELDS =
      Set.of("mediaType", "config", "layers", "manifests", "subject");

  private @Nullable String mediaType;
  private @Nullable LooseDescriptor config;
  private @Nullable LooseDescriptor subject;
  private @Nullable List<LooseDescriptor> layers;
  private @Nullable List<LooseDescriptor> manifests;
  private boolean hasConfig;

  private ManifestParser() {}

  static Manifest parse(byte[] json) {
    return read(json).judge();
  }

  static LayoutIndex parseLayoutIndex(byte[] json) {
    ManifestParser parser = read(json);
    if (parser.manifests == null) {
      throw new OciFormatException("image layout: no manifests in its index");
    }
    return new LayoutIndex(
        parser.manifests.stream()
            .map(manifest -> new LayoutIndex.Entry(manifest.checked(), manifest.name()))
            .toList());
  }

  private static ManifestParser read(byte[] json) {
    if (json.length > Manifest.MAX_BYTES) {
      throw new OciFormatException(
          "manifest: %d bytes, more than %d".formatted(json.length, Manifest.MAX_BYTES));
    }
    return StrictJson.readObject(
        "manifest",
        json,
        reader -> {
          ManifestParser parser = new ManifestParser();
          parser.readFields(reader);
          return parser;
        });
  }

  private void readFields(JsonReader reader) throws IOException {
    Set<String> seen = HashSet.newHashSet(KNOWN_FIELDS.size());
    while (reader.hasNext()) {
      String name = reader.nextName();
      // Two readers may differ on which of two fields counts: such a document says nothing.
      if (KNOWN_FIELDS.contains(name) && !seen.add(name)) {
        throw new OciFormatException("manifest: field " + name + " twice");
      }
      switch (name) {
        case "mediaType" -> mediaType = StrictJson.stringOrNull(reader, "manifest: mediaType");
        case "config" -> {
          hasConfig = true;
          config = LooseDescriptor.readOrNull(reader);
        }
        case "subject" -> subject = LooseDescriptor.readOrNull(reader);
        case "layers" -> layers = readList(reader, name);
        case "manifests" -> manifests = readList(reader, name);
        default -> StrictJson.skip(reader);
      }
    }
  }

  /** The array's descriptors; none for null, which Go programs write for an empty list. */
  private static List<LooseDescriptor> readList(JsonReader reader, String field)
      throws IOException {
    List<LooseDescriptor> descriptors = new ArrayList<>();
    if (reader.peek() == JsonToken.NULL) {
      reader.nextNull();
      return descriptors;
    }
    if (reader.peek() != JsonToken.BEGIN_ARRAY) {
      throw new OciFormatException("manifest: " + field + " is not an array");
    }
    reader.beginArray();
    while (reader.hasNext()) {
      if (descriptors.size() == Manifest.MAX_CHILDREN) {
        throw new OciFormatException(
            "manifest: more than %d %s".formatted(Manifest.MAX_CHILDREN, field));
      }
      LooseDescriptor descriptor = LooseDescriptor.readOrNull(reader);
      if (descriptor == null) {
        throw new OciFormatException("manifest: not a descriptor in " + field);
      }
      descriptors.add(descriptor);
    }
    reader.endArray();
    return descriptors;
  }

  private Manifest judge() {
    String type = mediaType == null || mediaType.isEmpty() ? typeToldByFields() : mediaType;
    MediaTypes.check(type);
    if (MediaTypes.isIndex(type)) {
      return index(type);
    }
    if (MediaTypes.isImageManifest(type)) {
      return image(type);
    }
    // Of a stranger's other types only those that no browser would run.
    return new Manifest.Other(
        type.startsWith("application/") ? type : Descriptor.UNKNOWN_MEDIA_TYPE);
  }

  private String typeToldByFields() {
    if (manifests != null) {
      boolean allOfDocker =
          !manifests.isEmpty()
              && manifests.stream().allMatch(m -> MediaTypes.DOCKER_MANIFEST.equals(m.mediaType()));
      return allOfDocker ? MediaTypes.DOCKER_LIST : MediaTypes.OCI_INDEX;
    }
    if (config != null && config.digest() != null) {
      return MediaTypes.DOCKER_CONFIG.equals(config.mediaType())
          ? MediaTypes.DOCKER_MANIFEST
          : MediaTypes.OCI_MANIFEST;
    }
    return Descriptor.UNKNOWN_MEDIA_TYPE;
  }

  private Manifest.Index index(String type) {
    // One that is both would show one image to a scanner and another to a runtime (CVE-2021-41190).
    if (hasConfig || layers != null) {
      throw new OciFormatException("manifest: an index with config or layers");
    }
    return new Manifest.Index(type, checked(manifests), subject == null ? null : subject.checked());
  }

  private Manifest.Image image(String type) {
    if (manifests != null) {
      throw new OciFormatException("manifest: an image manifest with manifests");
    }
    if (config == null) {
      throw new OciFormatException("manifest: an image manifest without config");
    }
    return new Manifest.Image(
        type, config.checked(), checked(layers), subject == null ? null : subject.checked());
  }

  private static List<Descriptor> checked(@Nullable List<LooseDescriptor> descriptors) {
    return descriptors == null
        ? List.of()
        : descriptors.stream().map(LooseDescriptor::checked).toList();
  }
}
