package spegel.containerd;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import spegel.containerd.proto.ContentInfo;
import spegel.containerd.proto.ImageRecord;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Repository;
import spegel.store.Listing;
import spegel.store.StoreIndex;

/**
 * One connection to containerd, from the subscription to its loss: lists all, then follows the
 * changes. Used by one thread.
 */
final class Session {
  private final ContainerdClient client;
  private final ChangeStream changes;
  private final ContentPath contentPath;
  private final StoreIndex index;
  private final Timings timings;
  private final LongSupplier nanoTime;
  private final Runnable afterRelisting;
  private final LabelWaits labelWaits;
  private long nextListingNanos;

  /**
   * @param afterRelisting what else is looked at now and then, but not in the way of the first
   *     listing
   */
  Session(
      Connection connection,
      StoreIndex index,
      Timings timings,
      LongSupplier nanoTime,
      Runnable afterRelisting) {
    client = connection.client();
    changes = connection.changes();
    contentPath = connection.contentPath();
    this.index = index;
    this.timings = timings;
    this.nanoTime = nanoTime;
    this.afterRelisting = afterRelisting;
    labelWaits = new LabelWaits(timings);
  }

  /** Brings the index to what containerd has now. */
  void begin() {
    list(timings.confirmMillis());
  }

  /** Keeps the index true until the connection is lost, which it tells by a StoreException. */
  void follow() throws InterruptedException {
    while (true) {
      long now = nanoTime.getAsLong();
      long waitNanos = labelWaits.untilDueNanos(now, Math.max(0, nextListingNanos - now));
      Optional<Change> change = changes.next(waitNanos);
      if (change.isPresent()) {
        apply(change.get());
      }
      if (changes.takeOverflow()) {
        // What was dropped may have moved a tag.
        index.suspendTags();
        list(timings.relistMillis());
      }
      long later = nanoTime.getAsLong();
      if (nextListingNanos - later <= 0) {
        list(timings.relistMillis());
        afterRelisting.run();
      }
      labelWaits.due(later).forEach(this::refreshContent);
    }
  }

  private void list(long untilNextMillis) {
    ContainerdListing listing = ContainerdListing.of(client, contentPath.directory());
    contentPath.check(listing);
    index.replace(listing.listing());
    nextListingNanos = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(untilNextMillis);
    index.resumeTags();
    if (changes.ended()) {
      // It ended between the listing and the line above, and its own suspension was undone.
      index.suspendTags();
    }
  }

  private void apply(Change change) {
    switch (change) {
      case Change.OfImage image -> refreshImage(image);
      case Change.OfContent content -> refreshContent(content.digest());
    }
  }

  private void refreshImage(Change.OfImage change) {
    Optional<ImageRecord> found = client.image(change.name());
    Optional<Listing.Image> image =
        found.flatMap(record -> ContainerdListing.image(record, contentPath.directory()));
    if (image.isPresent()) {
      Listing.Image present = image.get();
      index.putImage(present.reference(), present.target(), present.reachable());
    } else {
      index.removeImage(change.reference());
    }
  }

  private void refreshContent(Digest digest) {
    Optional<ContentInfo> info = client.content(digest);
    OptionalLong size = contentPath.directory().size(digest);
    if (info.isEmpty() || size.isEmpty()) {
      labelWaits.done(digest);
      index.removeContent(digest);
      return;
    }
    Set<Repository> sources = SourceLabels.sources(info.get().getLabelsMap());
    index.putContent(
        new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, digest, size.getAsLong()), sources);
    if (sources.isEmpty()) {
      labelWaits.missing(digest, nanoTime.getAsLong());
    } else {
      labelWaits.done(digest);
    }
  }
}
