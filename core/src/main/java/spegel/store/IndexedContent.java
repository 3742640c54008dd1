package spegel.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Repository;

/**
 * A digest that the index knows, because the content is here or an image reaches it. The volatile
 * fields are read by anyone; all else, and all writing, needs the index's lock.
 */
final class IndexedContent {
  final Digest digest;

  /** What it is; null while the content is not here. */
  volatile @Nullable Descriptor descriptor;

  /** Those repositories that it is labelled with and that pass the filter. */
  volatile List<Repository> sources = List.of();

  /** Whether it is found and announced; follows {@link #servable} when the index settles. */
  volatile boolean visible;

  /** The images whose target it is. */
  final List<IndexedImage> named = new ArrayList<>(0);

  private int holders;
  private int passingHolders;

  IndexedContent(Digest digest) {
    this.digest = digest;
  }

  void hold(IndexedImage image) {
    holders++;
    passingHolders += image.passes() ? 1 : 0;
  }

  void release(IndexedImage image) {
    holders--;
    passingHolders -= image.passes() ? 1 : 0;
  }

  boolean held() {
    return holders > 0;
  }

  /** Takes note that the content is here; a known media type is not replaced by the unknown one. */
  void present(Descriptor found) {
    Descriptor known = descriptor;
    boolean tellsLess =
        known != null
            && known.size() == found.size()
            && found.mediaType().equals(Descriptor.UNKNOWN_MEDIA_TYPE);
    if (!tellsLess) {
      descriptor = new Descriptor(found.mediaType(), digest, found.size());
    }
  }

  void absent() {
    descriptor = null;
    sources = List.of();
  }

  boolean servable() {
    return descriptor != null && (passingHolders > 0 || !sources.isEmpty());
  }

  /** Whether nothing is left to know of it. */
  boolean forgotten() {
    return descriptor == null && holders == 0;
  }
}
