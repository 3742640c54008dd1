package spegel.containerd;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private static final Logger log = LoggerFactory.getLogger(Session.class);

  private final ContainerdClient client;
  private final ChangeStream changes;
  private final ContentPath contentPath;
  private final StoreIndex index;
  private final Timings timings;
  private final LongSupplier nanoTime;
  private final Runnable afterRelisting;
  private final SourceLabels labels = new SourceLabels();
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
    ContainerdListing listing = ContainerdListing.of(client, contentPath.directory(), labels);
    warnOfUnreadable();
    contentPath.check(listing);
    index.replace(listing.listing());
    nextListingNanos = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(untilNextMillis);
    index.resumeTags();
    if (changes.ended()) {
      // It ended between the listing and the line above, and its own suspension was undone.
      index.suspendTags();
    }
  }

  private void warnOfUnreadable() {
    ContentDirectory.Unreadable unreadable = contentPath.directory().takeUnreadable();
    if (unreadable.blobs() > 0) {
      log.atWarn()
          .addKeyValue("contentPath", contentPath.directory().path())
          .addKeyValue("blobs", unreadable.blobs())
          .addKeyValue("reason", unreadable.reason())
          .log("Content cannot be read and is not served");
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
    if (image.isEmpty()) {
      index.removeImage(change.reference());
      return;
    }
    Listing.Image present = image.get();
    labels.note(present.reference().repository());
    index.putImage(present.reference(), present.target(), present.reachable());
    if (present.reachable().isEmpty()) {
      doubtContentPath();
    }
  }

  private void refreshContent(Digest digest) {
    Optional<ContentInfo> info = client.content(digest);
    OptionalLong size = contentPath.directory().size(digest);
    if (info.isEmpty() || size.isEmpty()) {
      labelWaits.done(digest);
      index.removeContent(digest);
      if (info.isPresent()) {
        doubtContentPath();
      }
      return;
    }
    Set<Repository> sources = labels.sources(info.get().getLabelsMap());
    index.putContent(
        new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, digest, size.getAsLong()), sources);
    if (sources.isEmpty() && index.find(digest).isEmpty()) {
      labelWaits.missing(digest, nanoTime.getAsLong());
    } else {
      labelWaits.done(digest);
    }
  }

  /** containerd has what the content directory has not: see soon whether it has anything. */
  private void doubtContentPath() {
    long soonNanos = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(timings.confirmMillis());
    if (soonNanos - nextListingNanos < 0) {
      nextListingNanos = soonNanos;
    }
  }
}
