package spegel.store;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;

/** Lists what of an index is visible, while it may be changing. */
final class IndexInventory {
  private record Tagged(Repository repository, Digest target) {}

  private IndexInventory() {}

  static Inventory of(
      Collection<IndexedImage> images, Collection<IndexedContent> contents, int maxImages) {
    List<IndexedImage> named = named(images);
    List<Inventory.Image> first =
        named.stream()
            .sorted(Comparator.comparing(image -> image.reference().toString()))
            .limit(maxImages)
            .map(IndexInventory::image)
            .toList();
    int count = 0;
    long bytes = 0;
    for (IndexedContent content : contents) {
      Descriptor descriptor = content.descriptor;
      if (content.visible && descriptor != null) {
        count++;
        bytes += descriptor.size();
      }
    }
    return new Inventory(first, named.size(), count, bytes);
  }

  /** A runtime names what it pulled by tag and by digest: once is enough to read. */
  private static List<IndexedImage> named(Collection<IndexedImage> images) {
    List<IndexedImage> visible =
        images.stream().filter(image -> image.passes() && image.target().visible).toList();
    Set<Tagged> tagged = new HashSet<>();
    for (IndexedImage image : visible) {
      if (image.tagged()) {
        tagged.add(key(image));
      }
    }
    return visible.stream()
        .filter(image -> image.tagged() || !tagged.contains(key(image)))
        .toList();
  }

  private static Tagged key(IndexedImage image) {
    return new Tagged(image.reference().repository(), image.target().digest);
  }

  private static Inventory.Image image(IndexedImage image) {
    Reference name = image.reference();
    int count = 0;
    long bytes = 0;
    for (IndexedContent content : image.contents()) {
      Descriptor descriptor = content.descriptor;
      if (content.visible && descriptor != null) {
        count++;
        bytes += descriptor.size();
      }
    }
    return new Inventory.Image(name, image.target().digest, count, bytes);
  }
}
