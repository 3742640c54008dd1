package spegel.store;

import java.util.List;
import spegel.oci.Reference;

/** A named image in the index; immutable, compared by identity. */
final class IndexedImage {
  private final Reference reference;
  private final boolean passes;
  private final IndexedContent target;
  private final List<IndexedContent> contents;

  /**
   * @param passes whether the filter lets its reference through
   * @param contents what it reaches, the target included, without repetition
   */
  IndexedImage(
      Reference reference, boolean passes, IndexedContent target, List<IndexedContent> contents) {
    this.reference = reference;
    this.passes = passes;
    this.target = target;
    this.contents = List.copyOf(contents);
  }

  Reference reference() {
    return reference;
  }

  boolean passes() {
    return passes;
  }

  IndexedContent target() {
    return target;
  }

  List<IndexedContent> contents() {
    return contents;
  }

  /**
   * Whether its name is a tag. A name with tag and digest is not: whoever gave it was never told by
   * the registry that the tag points there.
   */
  boolean tagged() {
    return reference.tag() != null && reference.digest() == null;
  }
}
