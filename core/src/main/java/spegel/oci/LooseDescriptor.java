package spegel.oci;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands where a manifest would have a descriptor; a descriptor only once {@link #checked}.
 *
 * @param mediaType null when missing
 * @param digest null when missing
 * @param size null when missing
 * @param name what an image layout's index calls the image, or null
 */
record LooseDescriptor(
    @Nullable String mediaType,
    @Nullable String digest,
    @Nullable Long size,
    @Nullable String name) {

  /** The annotations that name an image in a layout, in the order of their worth. */
  private static final String FULL_NAME = "io.containerd.image.name";

  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private static final Set<String> KNOWN_FIELDS =
      Set.of("mediaType", "digest", "size", "annotations");

  /** Reads one value, whatever it is; null for all but an object. */
  static @Nullable LooseDescriptor readOrNull(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.BEGIN_OBJECT) {
      StrictJson.skip(reader);
      return null;
    }
    String mediaType = null;
    String digest = null;
    Long size = null;
    String name = null;
    Set<String> seen = HashSet.newHashSet(KNOWN_FIELDS.size());
    reader.beginObject();
    while (reader.hasNext()) {
      String field = reader.nextName();
      if (KNOWN_FIELDS.contains(field) && !seen.add(field)) {
        throw new OciFormatException("descriptor: field " + field + " twice");
      }
      switch (field) {
        case "mediaType" -> mediaType = StrictJson.stringOrNull(reader, "descriptor: mediaType");
        case "digest" -> digest = StrictJson.stringOrNull(reader, "descriptor: digest");
        case "size" -> size = StrictJson.longOrNull(reader, "descriptor: size");
        case "annotations" -> name = readName(reader);
        default -> StrictJson.skip(reader);
      }
    }
    reader.endObject();
    return new LooseDescriptor(mediaType, digest, size, name);
  }

  private static @Nullable String readName(JsonReader reader) throws IOException {
    if (reader.peek() != JsonToken.BEGIN_OBJECT) {
      StrictJson.skip(reader);
      return null;
    }
    String fullName = null;
    String refName = null;
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case FULL_NAME -> fullName = StrictJson.stringOrNull(reader, FULL_NAME);
        case REF_NAME -> refName = StrictJson.stringOrNull(reader, REF_NAME);
        default -> StrictJson.skip(reader);
      }
    }
    reader.endObject();
    return fullName == null ? refName : fullName;
  }

  /**
   * The descriptor.
   *
   * @throws OciFormatException when digest or size is missing, or anything is malformed
   */
  Descriptor checked() {
    if (digest == null) {
      throw new OciFormatException("descriptor: without digest");
    }
    if (size == null) {
      throw new OciFormatException("descriptor: without size: " + OciFormatException.quote(digest));
    }
    String type =
        mediaType == null || mediaType.isEmpty() ? Descriptor.UNKNOWN_MEDIA_TYPE : mediaType;
    return new Descriptor(type, Digest.parse(digest), size);
  }
}
