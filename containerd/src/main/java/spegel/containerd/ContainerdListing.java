package spegel.containerd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.containerd.proto.ContentInfo;
import spegel.containerd.proto.ImageRecord;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;
import spegel.oci.Repository;
import spegel.store.Listing;

/**
 * All that a containerd has at one moment: its images, walked, and its labelled content. What it
 * names and the content directory has not is left out.
 */
final class ContainerdListing {
  private static final Logger log = LoggerFactory.getLogger(ContainerdListing.class);

  private final ContentDirectory directory;
  private final SourceLabels labels;
  private final List<Listing.Image> images = new ArrayList<>();
  private final List<Listing.Content> contents = new ArrayList<>();

  /** Two names of one target are common: its tag, and its digest. */
  private final Map<Digest, List<Descriptor>> walked = new HashMap<>();

  private boolean anyPresent;
  private @Nullable Digest missing;

  private ContainerdListing(ContentDirectory directory, SourceLabels labels) {
    this.directory = directory;
    this.labels = labels;
  }

  /** Asks containerd for everything. */
  static ContainerdListing of(
      ContainerdClient client, ContentDirectory directory, SourceLabels labels) {
    ContainerdListing listing = new ContainerdListing(directory, labels);
    // Images first, for their names tell how the labels of content are to be read.
    client.images().forEach(listing::add);
    client.contents(listing::add);
    return listing;
  }

  /** Whether any of the content that containerd knows of is in the content directory. */
  boolean anyPresent() {
    return anyPresent;
  }

  /** Content that containerd knows of and the content directory has not; empty when it has all. */
  Optional<Digest> missing() {
    return Optional.ofNullable(missing);
  }

  Listing listing() {
    return new Listing(images, contents);
  }

  private void add(ContentInfo info) {
    Digest digest;
    try {
      digest = Digest.parse(info.getDigest());
    } catch (OciFormatException e) {
      log.atDebug().addKeyValue("reason", e.getMessage()).log("Content left out");
      return;
    }
    OptionalLong size = directory.size(digest);
    if (size.isEmpty()) {
      missing = digest;
    } else {
      anyPresent = true;
      Set<Repository> sources = labels.sources(info.getLabelsMap());
      if (!sources.isEmpty()) {
        Descriptor descriptor =
            new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, digest, size.getAsLong());
        contents.add(new Listing.Content(descriptor, sources));
      }
    }
  }

  private void add(ImageRecord image) {
    image(image, walked, directory)
        .ifPresent(
            listed -> {
              labels.note(listed.reference().repository());
              images.add(listed);
            });
  }

  /** The image with what it consists of; empty when its name or target is not for us. */
  static Optional<Listing.Image> image(ImageRecord image, ContentDirectory directory) {
    return image(image, new HashMap<>(), directory);
  }

  private static Optional<Listing.Image> image(
      ImageRecord image, Map<Digest, List<Descriptor>> walked, ContentDirectory directory) {
    try {
      Optional<Reference> reference = EventDecoder.imageName(image.getName());
      if (reference.isEmpty()) {
        return Optional.empty();
      }
      Digest target = Digest.parse(image.getTarget().getDigest());
      String mediaType = image.getTarget().getMediaType();
      List<Descriptor> reachable =
          walked.computeIfAbsent(target, digest -> ImageWalk.from(directory, mediaType, digest));
      return Optional.of(new Listing.Image(reference.get(), target, reachable));
    } catch (OciFormatException e) {
      log.atDebug().addKeyValue("reason", e.getMessage()).log("Image left out");
      return Optional.empty();
    }
  }
}
