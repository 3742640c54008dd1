package spegel.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;

/**
 * What a store has, in memory: images by name and content by digest. A store keeps it true by the
 * mutations, each of which tells the listener of the difference that it makes; requests are
 * answered from it.
 *
 * <p>The filter is applied here and nowhere else. Content is visible when it is here, and an image
 * that reaches it or a repository that it is labelled with passes; a tag is visible when its name
 * passes and its target is visible. What is not visible is not resolved, found, counted or
 * announced.
 *
 * <p>Reads take no lock and may be made on an event loop. Mutations take the index's lock one after
 * the other and call the listener while they hold it, so that events come in order, from one thread
 * at a time, and a slow listener slows the mutations instead of filling a queue.
 */
public final class StoreIndex {
  private static final Logger log = LoggerFactory.getLogger(StoreIndex.class);

  private final Predicate<Reference> filter;
  private final StoreLimits limits;

  private final Map<String, IndexedImage> images = new ConcurrentHashMap<>();
  private final Map<Digest, IndexedContent> contents = new ConcurrentHashMap<>();

  /** The visible tags: tagged name to target. */
  private final Map<String, Digest> tags = new ConcurrentHashMap<>();

  private volatile boolean tagsSuspended;

  private final ReentrantLock lock = new ReentrantLock();
  private final EventQueue events = new EventQueue();
  private final Set<IndexedContent> touchedContents = new LinkedHashSet<>();
  private final Set<String> touchedTags = new LinkedHashSet<>();
  private int holdings;
  private boolean refusalLogged;

  /**
   * @param filter whether what a reference names may be served; content labelled with a repository
   *     is asked for as that repository and the content's digest
   */
  public StoreIndex(Predicate<Reference> filter, StoreLimits limits) {
    this.filter = filter;
    this.limits = limits;
  }

  /** Tells the listener of all that is visible now, and from now on of every difference. */
  public void start(StoreListener listener) {
    change(
        () -> {
          events.start(listener);
          contents.values().stream()
              .filter(content -> content.visible)
              .forEach(content -> events.created(content.digest.toString()));
          tags.keySet().forEach(events::created);
        });
  }

  /** What the tagged name points to; empty when unknown, or while tags are suspended. */
  public Optional<Digest> resolve(Reference tagged) {
    return tagsSuspended ? Optional.empty() : Optional.ofNullable(tags.get(tagged.taggedName()));
  }

  /** The descriptor of visible content. */
  public Optional<Descriptor> find(Digest digest) {
    IndexedContent content = contents.get(digest);
    return content == null || !content.visible
        ? Optional.empty()
        : Optional.ofNullable(content.descriptor);
  }

  /** Counts what is visible. */
  public StoreStatistics statistics() {
    return IndexStatistics.of(images.values(), contents.values());
  }

  /** Lists what is visible: the first images by name, and totals of all. */
  public Inventory inventory(int maxImages) {
    return IndexInventory.of(images.values(), contents.values(), maxImages);
  }

  /**
   * Until {@link #resumeTags}, no tag resolves, because a tag may have moved unheard. Content is
   * still found: its digest vouches for it. Nothing is announced or withdrawn.
   */
  public void suspendTags() {
    tagsSuspended = true;
  }

  /** Tags resolve again; call it once the index is true again. */
  public void resumeTags() {
    tagsSuspended = false;
  }

  /** Takes over a full listing: what is not in it is gone. */
  public void replace(Listing listing) {
    change(() -> replaceLocked(listing));
  }

  /** An image is there, or is what it now is: its name may have moved from another target. */
  public void putImage(Reference reference, Digest target, Collection<Descriptor> reachable) {
    change(
        () -> {
          Listing.Image image = new Listing.Image(reference, target, List.copyOf(reachable));
          IndexedImage former = images.get(reference.toString());
          Set<Digest> digests = digests(image);
          int added = (int) digests.stream().filter(d -> !contents.containsKey(d)).count();
          if (admit(
              images.size() + (former == null ? 1 : 0),
              contents.size() + added,
              holdings + digests.size() - (former == null ? 0 : former.contents().size()),
              reference.toString())) {
            put(image, digests);
          } else if (former != null) {
            // Its name may have moved: better not known than known wrongly.
            remove(former);
          }
          dropUnheld(former);
        });
  }

  /**
   * An image is gone, and with it the content that no other image reaches, even what is labelled:
   * the runtime will collect it. A full listing brings back what it did not collect.
   */
  public void removeImage(Reference reference) {
    change(
        () -> {
          IndexedImage former = images.get(reference.toString());
          if (former != null) {
            remove(former);
            dropUnheld(former);
          }
        });
  }

  /**
   * Content is there.
   *
   * @param sources all repositories that it is labelled with now
   */
  public void putContent(Descriptor descriptor, Collection<Repository> sources) {
    change(
        () -> {
          Digest digest = descriptor.digest();
          int added = contents.containsKey(digest) ? 0 : 1;
          if (admit(images.size(), contents.size() + added, holdings, digest.toString())) {
            put(descriptor, sources);
          }
        });
  }

  /** Content is gone. An image that reaches it stays, and has it again once it is put again. */
  public void removeContent(Digest digest) {
    change(
        () -> {
          IndexedContent content = contents.get(digest);
          if (content != null) {
            content.absent();
            touchedContents.add(content);
          }
        });
  }

  private void change(Runnable mutation) {
    lock.lock();
    try {
      mutation.run();
      settle();
      events.deliver();
    } finally {
      lock.unlock();
    }
  }

  private void replaceLocked(Listing listing) {
    refusalLogged = false;
    Set<String> names = new HashSet<>();
    Set<Digest> present = new HashSet<>();
    int held = 0;
    // New things come first and are counted for themselves, so that a reader never misses what
    // merely changes its holder, and what is about to go takes no room.
    for (Listing.Image image : listing.images()) {
      Set<Digest> digests = digests(image);
      int added = (int) digests.stream().filter(d -> !present.contains(d)).count();
      String name = image.reference().toString();
      held += digests.size();
      if (admit(names.size() + 1, present.size() + added, held, name)) {
        put(image, digests);
        names.add(name);
        image.reachable().forEach(descriptor -> present.add(descriptor.digest()));
      } else {
        held -= digests.size();
      }
    }
    Set<Digest> labelled = new HashSet<>();
    for (Listing.Content content : listing.contents()) {
      Digest digest = content.descriptor().digest();
      int added = present.contains(digest) ? 0 : 1;
      if (admit(names.size(), present.size() + added, held, digest.toString())) {
        put(content.descriptor(), content.sources());
        present.add(digest);
        labelled.add(digest);
      }
    }
    images.forEach(
        (name, image) -> {
          if (!names.contains(name)) {
            remove(image);
          }
        });
    contents.forEach(
        (digest, content) -> {
          if (!present.contains(digest)) {
            content.absent();
            touchedContents.add(content);
          } else if (!labelled.contains(digest) && !content.sources.isEmpty()) {
            content.sources = List.of();
            touchedContents.add(content);
          }
        });
  }

  private static Set<Digest> digests(Listing.Image image) {
    Set<Digest> digests = new LinkedHashSet<>();
    digests.add(image.target());
    image.reachable().forEach(descriptor -> digests.add(descriptor.digest()));
    return digests;
  }

  private boolean admit(int imageCount, int contentCount, int holdingCount, String what) {
    boolean admitted = limits.allow(imageCount, contentCount, holdingCount);
    if (!admitted && !refusalLogged) {
      refusalLogged = true;
      log.atWarn()
          .addKeyValue("refused", what)
          .addKeyValue("limits", limits)
          .log("The store has more than is kept track of; some of it is not served");
    }
    return admitted;
  }

  private void put(Listing.Image listed, Set<Digest> digests) {
    for (Descriptor descriptor : listed.reachable()) {
      IndexedContent content = content(descriptor.digest());
      content.present(descriptor);
      touchedContents.add(content);
    }
    Reference reference = listed.reference();
    String name = reference.toString();
    IndexedContent target = content(listed.target());
    List<IndexedContent> reached = new ArrayList<>(digests.size());
    digests.forEach(digest -> reached.add(content(digest)));
    IndexedImage former = images.get(name);
    if (former != null && former.target() == target && former.contents().equals(reached)) {
      return;
    }
    IndexedImage image = new IndexedImage(reference, filter.test(reference), target, reached);
    target.named.add(image);
    for (IndexedContent content : image.contents()) {
      content.hold(image);
      touchedContents.add(content);
    }
    holdings += image.contents().size();
    if (former != null) {
      release(former);
    }
    images.put(name, image);
    touchedTags.add(name);
  }

  private void put(Descriptor descriptor, Collection<Repository> sources) {
    Digest digest = descriptor.digest();
    IndexedContent content = content(digest);
    content.present(descriptor);
    content.sources =
        sources.stream()
            .distinct()
            .filter(source -> filter.test(new Reference(source, null, digest)))
            .toList();
    touchedContents.add(content);
  }

  private void remove(IndexedImage image) {
    String name = image.reference().toString();
    images.remove(name);
    release(image);
    touchedTags.add(name);
  }

  private void release(IndexedImage image) {
    image.target().named.remove(image);
    for (IndexedContent content : image.contents()) {
      content.release(image);
      touchedContents.add(content);
    }
    holdings -= image.contents().size();
  }

  private static void dropUnheld(@Nullable IndexedImage former) {
    if (former != null) {
      former.contents().stream().filter(c -> !c.held()).forEach(IndexedContent::absent);
    }
  }

  private IndexedContent content(Digest digest) {
    return contents.computeIfAbsent(digest, IndexedContent::new);
  }

  /**
   * Makes what was touched visible or not. Content appears before a tag that points to it, and goes
   * after it.
   */
  private void settle() {
    for (IndexedContent content : touchedContents) {
      if (content.visible != content.servable()) {
        content.named.forEach(image -> touchedTags.add(image.reference().toString()));
      }
      if (!content.visible && content.servable()) {
        content.visible = true;
        events.created(content.digest.toString());
      }
    }
    touchedTags.forEach(this::settleTag);
    for (IndexedContent content : touchedContents) {
      if (content.visible && !content.servable()) {
        content.visible = false;
        events.deleted(content.digest.toString());
      }
      if (content.forgotten()) {
        contents.remove(content.digest);
      }
    }
    touchedContents.clear();
    touchedTags.clear();
  }

  private void settleTag(String name) {
    IndexedImage image = images.get(name);
    if (image != null && image.tagged() && image.passes() && image.target().servable()) {
      Digest target = image.target().digest;
      if (!target.equals(tags.put(name, target))) {
        events.created(name);
      }
    } else if (tags.remove(name) != null) {
      events.deleted(name);
    }
  }
}
