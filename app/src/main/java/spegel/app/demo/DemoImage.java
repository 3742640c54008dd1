package spegel.app.demo;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;

/**
 * The image that the nodes pull.
 *
 * @param name with a tag and no digest
 * @param root what the tag points to: a manifest or an index
 * @param manifest the manifest of the platform that is pulled
 * @param content all that a node has in the end, each once: root, manifest, configuration, layers
 */
record DemoImage(Reference name, Descriptor root, Digest manifest, List<Descriptor> content) {
  DemoImage {
    content = List.copyOf(content);
  }

  /** Bytes of all its content. */
  long totalBytes() {
    return content.stream().mapToLong(Descriptor::size).sum();
  }

  /**
   * The image of a layout; of an index its first manifest whose content is all there, since seldom
   * all platforms are.
   *
   * @return empty when there is none that is complete
   * @throws OciFormatException when a manifest is malformed
   */
  static Optional<DemoImage> of(Layout layout, Reference name, Descriptor root) throws IOException {
    if (!layout.has(root)) {
      return Optional.empty();
    }
    List<Descriptor> candidates =
        Manifest.parse(layout.manifest(root)) instanceof Manifest.Index index
            ? index.manifests()
            : List.of(root);
    for (Descriptor candidate : candidates) {
      if (layout.has(candidate)
          && Manifest.parse(layout.manifest(candidate)) instanceof Manifest.Image image
          && hasAll(layout, image.children())) {
        SequencedSet<Descriptor> content = new LinkedHashSet<>(List.of(root));
        content.add(candidate);
        content.addAll(image.children());
        return Optional.of(new DemoImage(name, root, candidate.digest(), List.copyOf(content)));
      }
    }
    return Optional.empty();
  }

  private static boolean hasAll(Layout layout, List<Descriptor> content) throws IOException {
    for (Descriptor descriptor : content) {
      if (!layout.has(descriptor)) {
        return false;
      }
    }
    return true;
  }
}
