package spegel.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import spegel.oci.Digest;

/** Counts what of an index is visible, while it may be changing. */
final class IndexStatistics {
  private long tags;
  private final Set<Digest> targets = new HashSet<>();
  private final Set<Digest> digests = new HashSet<>();

  private IndexStatistics() {}

  static StoreStatistics of(Collection<IndexedImage> images, Collection<IndexedContent> contents) {
    Map<String, IndexStatistics> registries = new HashMap<>();
    for (IndexedImage image : images) {
      if (image.passes()) {
        registry(registries, image.reference().repository().registry()).add(image);
      }
    }
    for (IndexedContent content : contents) {
      if (content.visible) {
        content.sources.forEach(
            source -> registry(registries, source.registry()).digests.add(content.digest));
      }
    }
    Map<String, StoreStatistics.Counts> counts = new HashMap<>();
    registries.forEach((name, registry) -> counts.put(name, registry.counts()));
    return new StoreStatistics(counts);
  }

  private static IndexStatistics registry(Map<String, IndexStatistics> registries, String name) {
    return registries.computeIfAbsent(name, _ -> new IndexStatistics());
  }

  private void add(IndexedImage image) {
    if (image.target().visible) {
      tags += image.tagged() ? 1 : 0;
      targets.add(image.target().digest);
    }
    for (IndexedContent content : image.contents()) {
      if (content.visible) {
        digests.add(content.digest);
      }
    }
  }

  private StoreStatistics.Counts counts() {
    return new StoreStatistics.Counts(tags, targets.size(), digests.size());
  }
}
