package spegel.store;

import java.util.List;
import spegel.oci.Digest;
import spegel.oci.Reference;

/**
 * What a store has to share, for people to read.
 *
 * @param images the first ones by name
 * @param imageCount all names, those that {@code images} has no room for too
 * @param contentCount distinct digests that are here
 * @param contentBytes their sizes, each counted once
 */
public record Inventory(List<Image> images, int imageCount, int contentCount, long contentBytes) {

  /**
   * A named image.
   *
   * @param name a tagged name; one by digest only where no tag of its repository points there
   * @param target what it points to
   * @param contentCount digests of it that are here
   * @param contentBytes their sizes; images may share them
   */
  public record Image(Reference name, Digest target, int contentCount, long contentBytes) {}

  public Inventory {
    images = List.copyOf(images);
  }
}
