package spegel.oci;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code index.json} of an image-layout directory: which of its content are images, and what
 * they are called (OCI image specification, image-layout.md).
 *
 * @param entries in the file's order; a name may be there more than once
 */
public record LayoutIndex(List<Entry> entries) {

  /**
   * One image.
   *
   * @param descriptor its manifest or index
   * @param name the annotation {@code io.containerd.image.name} or else {@code
   *     org.opencontainers.image.ref.name}: a full reference, or a tag alone, or anything; null
   *     when there is neither
   */
  public record Entry(Descriptor descriptor, @Nullable String name) {}

  public LayoutIndex {
    entries = List.copyOf(entries);
  }

  /**
   * Reads the file's bytes.
   *
   * @throws OciFormatException when they are not an index of at most {@link Manifest#MAX_BYTES}
   */
  public static LayoutIndex parse(byte[] json) {
    return ManifestParser.parseLayoutIndex(json);
  }
}
