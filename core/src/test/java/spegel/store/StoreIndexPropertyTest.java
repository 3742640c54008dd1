package spegel.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;
import spegel.testing.Generator;
import spegel.testing.Property;

/** Random changes, after each of which the index has to be what a simple model of it is. */
class StoreIndexPropertyTest {
  private static final List<Descriptor> UNIVERSE =
      IntStream.range(0, 8).mapToObj(StoreIndexPropertyTest::descriptor).toList();

  private static final List<Repository> REPOSITORIES =
      List.of(
          new Repository("docker.io", "library/a"),
          new Repository("ghcr.io", "b"),
          new Repository("docker.io", "library/hidden"));

  private static final List<Reference> NAMES =
      List.of(
          new Reference(REPOSITORIES.get(0), "1", null),
          new Reference(REPOSITORIES.get(0), "hidden", null),
          new Reference(REPOSITORIES.get(0), null, UNIVERSE.get(0).digest()),
          new Reference(REPOSITORIES.get(1), "1", UNIVERSE.get(1).digest()),
          new Reference(REPOSITORIES.get(1), "1", null),
          new Reference(REPOSITORIES.get(2), "1", null));

  @Test
  void index_isWhatTheModelIs_afterAnyChanges() {
    Property.forAll(
        2_000,
        generator -> {
          Run run = new Run(generator);
          int changes = generator.between(1, 30);
          int startAt = generator.oneIn(3) ? generator.between(0, changes) : 0;
          for (int i = 0; i < changes; i++) {
            if (i == startAt) {
              run.start();
              run.check();
            }
            run.change();
            run.check();
          }
        });
  }

  private static Descriptor descriptor(int i) {
    byte[] bytes = ("content " + i).getBytes(StandardCharsets.UTF_8);
    return new Descriptor("application/x", Digest.sha256(bytes), bytes.length);
  }

  private static boolean passes(Reference reference) {
    return !reference.toString().contains("hidden");
  }

  private static boolean passes(Repository repository) {
    return !repository.toString().contains("hidden");
  }

  private record ModelImage(Digest target, Set<Digest> digests) {}

  /** What should be: names, and what is present with its labels. */
  private static final class Model {
    final Map<Reference, ModelImage> images = new HashMap<>();
    final Map<Digest, Set<Repository>> present = new HashMap<>();

    void putImage(Listing.Image image) {
      Set<Digest> digests = new HashSet<>(Set.of(image.target()));
      image.reachable().forEach(descriptor -> digests.add(descriptor.digest()));
      ModelImage former = images.put(image.reference(), new ModelImage(image.target(), digests));
      image.reachable().forEach(d -> present.computeIfAbsent(d.digest(), _ -> Set.of()));
      dropUnheld(former);
    }

    void removeImage(Reference reference) {
      dropUnheld(images.remove(reference));
    }

    private void dropUnheld(@Nullable ModelImage former) {
      if (former != null) {
        former.digests().stream()
            .filter(d -> images.values().stream().noneMatch(i -> i.digests().contains(d)))
            .forEach(present::remove);
      }
    }

    void replace(Listing listing) {
      images.clear();
      present.clear();
      listing.images().forEach(this::putImage);
      // A name that was listed twice leaves what its first target reached; nothing holds it.
      listing
          .contents()
          .forEach(content -> present.put(content.descriptor().digest(), content.sources()));
    }

    boolean visible(Digest digest) {
      Set<Repository> sources = present.get(digest);
      return sources != null
          && (sources.stream().anyMatch(StoreIndexPropertyTest::passes)
              || images.entrySet().stream()
                  .anyMatch(
                      image ->
                          passes(image.getKey()) && image.getValue().digests().contains(digest)));
    }

    Map<String, Digest> tags() {
      Map<String, Digest> tags = new HashMap<>();
      images.forEach(
          (reference, image) -> {
            boolean tagged = reference.tag() != null && reference.digest() == null;
            if (tagged && passes(reference) && visible(image.target())) {
              tags.put(reference.taggedName(), image.target());
            }
          });
      return tags;
    }
  }

  private static final class Run {
    private final Generator generator;
    private final Model model = new Model();
    private final StoreIndex index =
        new StoreIndex(StoreIndexPropertyTest::passes, StoreLimits.DEFAULT);
    private final List<StoreEvent> events = new ArrayList<>();
    private final Set<String> announced = new HashSet<>();
    private Map<String, Digest> tagsBefore = Map.of();
    private boolean started;
    private String last = "";

    Run(Generator generator) {
      this.generator = generator;
    }

    void start() {
      started = true;
      tagsBefore = Map.of();
      index.start(this::hear);
    }

    /** What is announced is there, and what is withdrawn is not, when the listener hears of it. */
    private void hear(StoreEvent event) {
      boolean create = event.type() == StoreEvent.Type.CREATE;
      boolean there =
          event.key().startsWith("sha256:")
              ? index.find(Digest.parse(event.key())).isPresent()
              : index.resolve(Reference.parse(event.key())).flatMap(index::find).isPresent();
      assertEquals(create, there, () -> event + " after " + last);
      events.add(event);
    }

    void change() {
      switch (generator.between(0, 9)) {
        case 0, 1, 2 -> {
          Listing.Image image = image();
          last = "putImage " + image;
          model.putImage(image);
          index.putImage(image.reference(), image.target(), image.reachable());
        }
        case 3 -> {
          Reference reference = generator.oneOf(NAMES);
          last = "removeImage " + reference;
          model.removeImage(reference);
          index.removeImage(reference);
        }
        case 4, 5 -> {
          Listing.Content content = content();
          last = "putContent " + content;
          model.present.put(content.descriptor().digest(), content.sources());
          index.putContent(content.descriptor(), content.sources());
        }
        case 6, 7 -> {
          Digest digest = generator.oneOf(UNIVERSE).digest();
          last = "removeContent " + digest;
          model.present.remove(digest);
          index.removeContent(digest);
        }
        default -> {
          Listing listing = listing();
          last = "replace " + listing;
          model.replace(listing);
          index.replace(listing);
        }
      }
    }

    private Listing.Image image() {
      return new Listing.Image(generator.oneOf(NAMES), generator.oneOf(UNIVERSE).digest(), some());
    }

    private Listing.Content content() {
      Set<Repository> sources = new HashSet<>();
      for (Repository repository : REPOSITORIES) {
        if (generator.oneIn(2)) {
          sources.add(repository);
        }
      }
      return new Listing.Content(generator.oneOf(UNIVERSE), sources);
    }

    private List<Descriptor> some() {
      List<Descriptor> some = new ArrayList<>();
      int count = generator.between(0, 4);
      for (int i = 0; i < count; i++) {
        some.add(generator.oneOf(UNIVERSE));
      }
      return some;
    }

    private Listing listing() {
      Map<Reference, Listing.Image> images = new HashMap<>();
      Map<Digest, Listing.Content> contents = new HashMap<>();
      int count = generator.between(0, 5);
      for (int i = 0; i < count; i++) {
        Listing.Image image = image();
        images.put(image.reference(), image);
        Listing.Content content = content();
        contents.put(content.descriptor().digest(), content);
      }
      return new Listing(List.copyOf(images.values()), List.copyOf(contents.values()));
    }

    void check() {
      Map<String, Digest> tags = model.tags();
      for (Descriptor descriptor : UNIVERSE) {
        Optional<Descriptor> expected =
            model.visible(descriptor.digest()) ? Optional.of(descriptor) : Optional.empty();
        assertEquals(expected, index.find(descriptor.digest()), () -> "after " + last);
      }
      for (Reference name : NAMES) {
        if (name.tag() != null) {
          assertEquals(
              Optional.ofNullable(tags.get(name.taggedName())),
              index.resolve(name),
              () -> "after " + last);
        }
      }
      assertEquals(
          tags.size(),
          index.statistics().registries().values().stream()
              .mapToLong(StoreStatistics.Counts::tags)
              .sum());
      if (started) {
        checkEvents(tags);
      }
    }

    private void checkEvents(Map<String, Digest> tags) {
      for (StoreEvent event : events) {
        String key = event.key();
        boolean create = event.type() == StoreEvent.Type.CREATE;
        boolean moved =
            create && tagsBefore.containsKey(key) && !tagsBefore.get(key).equals(tags.get(key));
        boolean changed = create ? announced.add(key) : announced.remove(key);
        assertTrue(changed || moved, () -> "needless " + event + " after " + last);
      }
      events.clear();
      Set<String> expected = new HashSet<>(tags.keySet());
      UNIVERSE.stream()
          .map(Descriptor::digest)
          .filter(model::visible)
          .forEach(digest -> expected.add(digest.toString()));
      assertEquals(expected, announced, () -> "after " + last);
      tagsBefore = tags;
    }
  }
}
