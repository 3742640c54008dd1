package spegel.store;

import java.util.List;
import java.util.Set;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;

/**
 * All that a store has at one moment.
 *
 * @param images every image; the later of two with the same reference counts
 * @param contents content known by itself, such as by a runtime's label; need not repeat what an
 *     image reaches
 */
public record Listing(List<Image> images, List<Content> contents) {

  /**
   * A named image.
   *
   * @param reference its name
   * @param target what the name points to, whether it is here or not
   * @param reachable the content that is reached from the target, itself included, and that is
   *     really here
   */
  public record Image(Reference reference, Digest target, List<Descriptor> reachable) {
    public Image {
      reachable = List.copyOf(reachable);
    }
  }

  /**
   * Content that is really here.
   *
   * @param descriptor what it is; its media type may be unknown
   * @param sources the repositories that it is known to come from
   */
  public record Content(Descriptor descriptor, Set<Repository> sources) {
    public Content {
      sources = Set.copyOf(sources);
    }
  }

  public Listing {
    images = List.copyOf(images);
    contents = List.copyOf(contents);
  }
}
