package spegel.containerd;

import spegel.oci.Digest;
import spegel.oci.Reference;

/**
 * Something in containerd that is no longer what it was. An event says only where to look: what is
 * there now is asked of containerd, so that a change that was overtaken by another does no harm.
 */
sealed interface Change {
  /** An image was created, updated or deleted. */
  record OfImage(Reference reference, String name) implements Change {}

  /** Content was created or deleted. */
  record OfContent(Digest digest) implements Change {}
}
