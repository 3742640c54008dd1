package spegel.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.Repository;
import spegel.store.StoreStatistics.Counts;

class StoreIndexTest {
  private static final Repository NGINX = new Repository("docker.io", "library/nginx");
  private static final Repository SECRET = new Repository("reg.local:5000", "secret");
  private static final Reference NGINX_1 = new Reference(NGINX, "1", null);
  private static final Reference NGINX_2 = new Reference(NGINX, "2", null);
  private static final Reference SECRET_1 = new Reference(SECRET, "1", null);

  private static final Descriptor MANIFEST_A = descriptor("manifest a");
  private static final Descriptor MANIFEST_B = descriptor("manifest b");
  private static final Descriptor LAYER_A = descriptor("layer a");
  private static final Descriptor LAYER_B = descriptor("layer b");
  private static final Descriptor SHARED = descriptor("shared layer");

  private final List<String> events = new ArrayList<>();
  private final StoreIndex index =
      new StoreIndex(
          reference -> !reference.repository().path().equals("secret"), StoreLimits.DEFAULT);

  StoreIndexTest() {
    index.start(event -> events.add(event.type() + " " + name(event.key())));
  }

  @Test
  void putImage_announcesDigestsThenTag() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));

    assertEvents("CREATE manifest a", "CREATE layer a", "CREATE docker.io/library/nginx:1");
    assertEquals(Optional.of(MANIFEST_A.digest()), index.resolve(NGINX_1));
    assertEquals(Optional.of(LAYER_A), index.find(LAYER_A.digest()));
    assertEquals(Optional.empty(), index.find(LAYER_B.digest()));
  }

  @Test
  void putImage_announcesNothing_whenItIsTheSame() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));
    events.clear();

    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));

    assertEvents();
  }

  @Test
  void putImage_announcesTagAgain_whenItMoves() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A, SHARED));
    events.clear();

    index.putImage(NGINX_1, MANIFEST_B.digest(), List.of(MANIFEST_B, LAYER_B, SHARED));

    assertEvents(
        "CREATE manifest b",
        "CREATE layer b",
        "CREATE docker.io/library/nginx:1",
        "DELETE manifest a",
        "DELETE layer a");
    assertEquals(Optional.of(MANIFEST_B.digest()), index.resolve(NGINX_1));
  }

  @Test
  void putImage_announcesNoTag_whenTargetIsAbsent() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(LAYER_A));
    assertEvents("CREATE layer a");
    assertEquals(Optional.empty(), index.resolve(NGINX_1));

    index.putContent(MANIFEST_A, List.of());

    assertEvents("CREATE layer a", "CREATE manifest a", "CREATE docker.io/library/nginx:1");
  }

  @Test
  void putImage_announcesNoTag_whenNameHasDigestToo() {
    Reference both = new Reference(NGINX, "1", MANIFEST_A.digest());
    index.putImage(both, MANIFEST_A.digest(), List.of(MANIFEST_A));

    assertEvents("CREATE manifest a");
    assertEquals(Optional.empty(), index.resolve(NGINX_1));
  }

  @Test
  void removeImage_keepsSharedDigest() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A, SHARED));
    index.putImage(NGINX_2, MANIFEST_B.digest(), List.of(MANIFEST_B, SHARED));
    events.clear();

    index.removeImage(NGINX_1);

    assertEvents("DELETE docker.io/library/nginx:1", "DELETE manifest a", "DELETE layer a");
    assertEquals(Optional.of(SHARED), index.find(SHARED.digest()));
  }

  @Test
  void removeImage_dropsLabelledContent_whenItAloneHeldIt() {
    index.putContent(LAYER_A, List.of(NGINX));
    index.putContent(LAYER_B, List.of(NGINX));
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));
    events.clear();

    index.removeImage(NGINX_1);

    assertEvents("DELETE docker.io/library/nginx:1", "DELETE manifest a", "DELETE layer a");
    assertEquals(Optional.of(LAYER_B), index.find(LAYER_B.digest()));
  }

  @Test
  void removeContent_withdrawsTag_whenItIsTheTarget() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));
    events.clear();

    index.removeContent(MANIFEST_A.digest());

    assertEvents("DELETE docker.io/library/nginx:1", "DELETE manifest a");
    assertEquals(Optional.empty(), index.resolve(NGINX_1));

    index.putContent(MANIFEST_A, List.of());
    assertEquals(Optional.of(MANIFEST_A.digest()), index.resolve(NGINX_1));
  }

  @Test
  void filter_hidesImageAndContent() {
    index.putImage(SECRET_1, MANIFEST_A.digest(), List.of(MANIFEST_A, SHARED));
    index.putContent(LAYER_A, List.of(SECRET));

    assertEvents();
    assertEquals(Optional.empty(), index.resolve(SECRET_1));
    assertEquals(Optional.empty(), index.find(MANIFEST_A.digest()));
    assertEquals(Optional.empty(), index.find(LAYER_A.digest()));
    assertTrue(index.statistics().registries().isEmpty());

    index.putImage(NGINX_1, MANIFEST_B.digest(), List.of(MANIFEST_B, SHARED));
    assertEvents("CREATE manifest b", "CREATE shared layer", "CREATE docker.io/library/nginx:1");

    index.removeImage(NGINX_1);
    assertEquals(Optional.empty(), index.find(SHARED.digest()));
  }

  @Test
  void suspendTags_hidesTagsAndNotContent() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A));
    events.clear();

    index.suspendTags();
    assertEquals(Optional.empty(), index.resolve(NGINX_1));
    assertEquals(Optional.of(MANIFEST_A), index.find(MANIFEST_A.digest()));

    index.resumeTags();
    assertEquals(Optional.of(MANIFEST_A.digest()), index.resolve(NGINX_1));
    assertEvents();
  }

  @Test
  void replace_announcesTheDifference() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, SHARED));
    index.putContent(LAYER_A, List.of(NGINX));
    events.clear();

    index.replace(
        new Listing(
            List.of(image(NGINX_2, MANIFEST_B, SHARED)),
            List.of(new Listing.Content(LAYER_B, Set.of(NGINX)))));

    assertEvents(
        "CREATE manifest b",
        "CREATE layer b",
        "CREATE docker.io/library/nginx:2",
        "DELETE docker.io/library/nginx:1",
        "DELETE manifest a",
        "DELETE layer a");
  }

  @Test
  void replace_keepsLabelledContent_whenItsImageIsGone() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));
    events.clear();

    index.replace(new Listing(List.of(), List.of(new Listing.Content(LAYER_A, Set.of(NGINX)))));

    assertEvents("DELETE docker.io/library/nginx:1", "DELETE manifest a");
  }

  @Test
  void find_keepsTheKnownMediaType() {
    Descriptor known = new Descriptor("application/x", LAYER_A.digest(), LAYER_A.size());
    index.putContent(known, List.of(NGINX));

    index.putContent(LAYER_A, List.of(NGINX));

    assertEquals(Optional.of(known), index.find(LAYER_A.digest()));
  }

  @Test
  void statistics_countsByRegistry() {
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));
    index.putImage(
        new Reference(NGINX, null, MANIFEST_A.digest()), MANIFEST_A.digest(), List.of(MANIFEST_A));
    index.putContent(LAYER_A, List.of(new Repository("ghcr.io", "a/b")));

    assertEquals(
        new StoreStatistics(
            Map.of("docker.io", new Counts(1, 1, 2), "ghcr.io", new Counts(0, 0, 1))),
        index.statistics());
  }

  @Test
  void inventory_listsWhatIsVisible_byName() {
    index.putImage(NGINX_2, MANIFEST_B.digest(), List.of(MANIFEST_B, SHARED));
    index.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A, SHARED));
    index.putImage(SECRET_1, LAYER_B.digest(), List.of(LAYER_B));
    long bytes = MANIFEST_A.size() + LAYER_A.size() + SHARED.size();

    Inventory inventory = index.inventory(1);

    assertEquals(
        new Inventory(
            List.of(new Inventory.Image(NGINX_1, MANIFEST_A.digest(), 3, bytes)),
            2,
            4,
            bytes + MANIFEST_B.size()),
        inventory);
  }

  @Test
  void inventory_namesByDigest_onlyWhereNoTagOfTheRepositoryPointsThere() {
    Reference byDigest = new Reference(NGINX, null, MANIFEST_A.digest());
    Reference elsewhere =
        new Reference(new Repository("ghcr.io", "a/b"), null, MANIFEST_A.digest());
    for (Reference name : List.of(NGINX_1, byDigest, elsewhere)) {
      index.putImage(name, MANIFEST_A.digest(), List.of(MANIFEST_A));
    }
    assertEquals(List.of(NGINX_1, elsewhere), names(index.inventory(10)));

    index.removeImage(NGINX_1);
    index.putImage(byDigest, MANIFEST_A.digest(), List.of(MANIFEST_A));
    assertEquals(List.of(byDigest, elsewhere), names(index.inventory(10)));
  }

  private static List<Reference> names(Inventory inventory) {
    return inventory.images().stream().map(Inventory.Image::name).toList();
  }

  @Test
  void start_announcesWhatIsThere_andOnlyOnce() {
    StoreIndex other = new StoreIndex(reference -> true, StoreLimits.DEFAULT);
    other.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A));

    other.start(event -> events.add(event.type() + " " + name(event.key())));

    assertEvents("CREATE manifest a", "CREATE docker.io/library/nginx:1");
    assertThrows(IllegalStateException.class, () -> other.start(event -> {}));
  }

  @Test
  void limits_refuseWhatIsBeyond() {
    StoreIndex small = new StoreIndex(reference -> true, new StoreLimits(1, 2, 3));
    small.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));

    small.putImage(NGINX_2, MANIFEST_A.digest(), List.of(MANIFEST_A));
    small.putContent(LAYER_B, List.of(NGINX));
    assertEquals(Optional.empty(), small.resolve(NGINX_2));
    assertEquals(Optional.empty(), small.find(LAYER_B.digest()));

    small.replace(new Listing(List.of(image(NGINX_2, MANIFEST_B, LAYER_B)), List.of()));
    assertEquals(Optional.of(MANIFEST_B.digest()), small.resolve(NGINX_2));
  }

  @Test
  void limits_forgetTag_whenItsNewTargetDoesNotFit() {
    StoreIndex small = new StoreIndex(reference -> true, new StoreLimits(1, 2, 3));
    small.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A));

    small.putImage(NGINX_1, MANIFEST_B.digest(), List.of(MANIFEST_B, LAYER_A, LAYER_B, SHARED));

    assertEquals(Optional.empty(), small.resolve(NGINX_1));
    assertEquals(Optional.empty(), small.find(MANIFEST_A.digest()));
  }

  @Test
  void listener_thatThrowsOrMutates_losesNoEvent() {
    StoreIndex other = new StoreIndex(reference -> true, StoreLimits.DEFAULT);
    List<String> heard = new ArrayList<>();
    other.start(
        event -> {
          heard.add(event.type() + " " + name(event.key()));
          if (event.key().equals(MANIFEST_A.digest().toString())
              && event.type() == StoreEvent.Type.CREATE) {
            other.removeContent(LAYER_A.digest());
            throw new IllegalStateException("expected by this test");
          }
        });

    other.putImage(NGINX_1, MANIFEST_A.digest(), List.of(MANIFEST_A, LAYER_A));

    assertEquals(
        List.of(
            "CREATE manifest a",
            "CREATE layer a",
            "CREATE docker.io/library/nginx:1",
            "DELETE layer a"),
        heard);
  }

  @Test
  void find_neverMisses_whileContentChangesItsHolder() throws InterruptedException {
    Listing first = new Listing(List.of(image(NGINX_1, MANIFEST_A, SHARED)), List.of());
    Listing second = new Listing(List.of(image(NGINX_2, MANIFEST_B, SHARED)), List.of());
    StoreIndex shared = new StoreIndex(reference -> true, StoreLimits.DEFAULT);
    shared.replace(first);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger misses = new AtomicInteger();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    misses.addAndGet(shared.find(SHARED.digest()).isPresent() ? 0 : 1);
                  }
                });

    for (int i = 0; i < 20_000; i++) {
      shared.replace(i % 2 == 0 ? second : first);
    }
    done.set(true);
    reader.join();

    assertEquals(0, misses.get());
  }

  private static Listing.Image image(Reference reference, Descriptor target, Descriptor child) {
    return new Listing.Image(reference, target.digest(), List.of(target, child));
  }

  private static Descriptor descriptor(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, Digest.sha256(bytes), bytes.length);
  }

  private static String name(String key) {
    for (String content :
        List.of("manifest a", "manifest b", "layer a", "layer b", "shared layer")) {
      if (key.equals(descriptor(content).digest().toString())) {
        return content;
      }
    }
    return key;
  }

  private void assertEvents(String... expected) {
    assertEquals(List.of(expected), events);
  }
}
