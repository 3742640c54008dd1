package spegel.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.LayoutIndex;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;
import spegel.oci.Repository;

/**
 * What of an image layout is named and really there. A name with a repository is completed as
 * Docker does it ({@code nginx:1} is {@code docker.io/library/nginx:1}); one without, such as a tag
 * alone, says nothing that a request could ask for, so that its image is served by digest only.
 */
final class LayoutListing {

  /**
   * What images belong to whose name has no repository. The filter is asked for it as for any
   * other, so that an allow-list of registries keeps them in.
   */
  static final Repository UNNAMED = new Repository("oci-layout", "unnamed");

  private final List<Listing.Image> images = new ArrayList<>();
  private @Nullable String withoutRepository;
  private @Nullable StoreException unreadable;
  private int leftOut;

  private LayoutListing() {}

  /**
   * Walks all images of the index.
   *
   * @param layout where their blobs are; one that cannot be read is left out
   * @param limits what the index takes; no more is gathered
   */
  static LayoutListing of(LayoutIndex index, BlobSource layout, StoreLimits limits) {
    LayoutListing listing = new LayoutListing();
    BlobSource readable = listing.readable(layout);
    Set<Reference> names = new HashSet<>();
    Map<Descriptor, List<Descriptor>> walked = new HashMap<>();
    int holdings = 0;
    // A name that is there more than once belongs to the last: layouts are appended to.
    for (LayoutIndex.Entry entry : index.entries().reversed()) {
      Descriptor target = entry.descriptor();
      Reference unnamed = new Reference(UNNAMED, null, target.digest());
      Reference reference = listing.reference(entry.name()).filter(names::add).orElse(unnamed);
      List<Descriptor> reachable =
          walked.computeIfAbsent(target, _ -> ImageWalk.from(readable, target));
      holdings += reachable.size();
      if (!limits.allow(listing.images.size() + 1, walked.size(), holdings)) {
        listing.leftOut = index.entries().size() - listing.images.size();
        break;
      }
      listing.images.add(new Listing.Image(reference, target.digest(), reachable));
    }
    return listing;
  }

  private Optional<Reference> reference(@Nullable String name) {
    if (name == null) {
      return Optional.empty();
    }
    boolean hasRepository =
        (name.indexOf('/') >= 0 || name.indexOf(':') >= 0) && !startsLikeDigest(name);
    try {
      if (hasRepository) {
        return Optional.of(Reference.parseFamiliar(name));
      }
    } catch (OciFormatException e) {
      // Any text may stand there; what to make of it is the same as for a tag alone.
    }
    withoutRepository = name;
    return Optional.empty();
  }

  private static boolean startsLikeDigest(String name) {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      if (name.startsWith(algorithm.prefix() + ":")) {
        return true;
      }
    }
    return false;
  }

  private BlobSource readable(BlobSource layout) {
    return new BlobSource() {
      @Override
      public OptionalLong size(Digest digest) {
        try {
          return layout.size(digest);
        } catch (StoreException e) {
          unreadable = e;
          return OptionalLong.empty();
        }
      }

      @Override
      public Optional<byte[]> manifest(Digest digest) {
        try {
          return layout.manifest(digest);
        } catch (StoreException e) {
          unreadable = e;
          return Optional.empty();
        }
      }
    };
  }

  Listing listing() {
    return new Listing(images, List.of());
  }

  /** How many images are not listed, because there are more than the limits allow. */
  int leftOut() {
    return leftOut;
  }

  /** A name that has no repository, if there is one. */
  Optional<String> withoutRepository() {
    return Optional.ofNullable(withoutRepository);
  }

  /** Why a blob could not be read, if there is one. */
  Optional<StoreException> unreadable() {
    return Optional.ofNullable(unreadable);
  }
}
