package spegel.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;

class OciLayoutStoreTest extends ContentStoreContract {
  private static final Duration NEVER = Duration.ofDays(1);

  @TempDir private Path temporary;

  @Override
  protected StoreFixture fixture(Predicate<Reference> filter) throws IOException {
    return new LayoutFixture(temporary.resolve("contract"), filter, NEVER);
  }

  private LayoutFixture layout() throws IOException {
    return new LayoutFixture(temporary.resolve("layout"), any -> true, NEVER);
  }

  @Test
  void new_throws_whenThereIsNoLayout() throws IOException {
    Path missing = temporary.resolve("missing");
    assertMessage("there is no directory " + missing, missing);

    Path empty = Files.createDirectory(temporary.resolve("empty"));
    assertMessage("there is no file oci-layout in " + empty, empty);

    for (String content :
        List.of(
            "",
            "[]",
            "{",
            "null",
            "{\"imageLayoutVersion\":2}",
            "{\"imageLayoutVersion\":\"2.0.0\"}",
            "\0",
            "[".repeat(5000))) {
      Files.writeString(empty.resolve("oci-layout"), content);
      assertThrows(StoreException.class, () -> new OciLayoutStore(empty, any -> true), content);
    }
  }

  private static void assertMessage(String expected, Path directory) {
    StoreException e =
        assertThrows(StoreException.class, () -> new OciLayoutStore(directory, any -> true));
    assertTrue(e.toString().contains(expected), e.toString());
  }

  @Test
  void names_areCompletedAsDockerDoes_orServedByDigestOnly() throws IOException {
    SampleImage image = SampleImage.of("a", "a");
    SampleImage bare = SampleImage.of("b", "b");
    SampleImage digest = SampleImage.of("c", "c");
    SampleImage broken = SampleImage.of("d", "d");
    try (LayoutFixture fixture = layout()) {
      put(fixture, "nginx:1", image);
      put(fixture, "team/app", image);
      put(fixture, "ghcr.io/team/app:2", image);
      put(fixture, "latest", bare);
      put(fixture, digest.target().digest().toString(), digest);
      put(fixture, "Not/A//Reference", broken);

      Set<String> keys = start(fixture);

      for (String name :
          List.of("docker.io/library/nginx:1", "docker.io/team/app:latest", "ghcr.io/team/app:2")) {
        await(() -> keys.contains(name));
      }
      for (SampleImage byDigest : List.of(bare, digest, broken)) {
        await(() -> keys.contains(byDigest.target().digest().toString()));
        assertTrue(fixture.store().find(byDigest.target().digest()).isPresent());
      }
      assertEquals(
          3, keys.stream().filter(key -> !key.startsWith("sha256:")).count(), keys.toString());
    }
  }

  @Test
  void name_belongsToTheLast_whenItIsThereTwice() throws IOException {
    SampleImage first = SampleImage.of("first", "a");
    SampleImage last = SampleImage.of("last", "a");
    try (LayoutFixture fixture = layout()) {
      put(fixture, "nginx:1", first);
      put(fixture, "docker.io/library/nginx:1", last);

      start(fixture);

      Reference name = Reference.parse("docker.io/library/nginx:1");
      await(() -> fixture.store().connected());
      assertEquals(Optional.of(last.target().digest()), fixture.store().resolve(name));
      assertTrue(fixture.store().find(first.target().digest()).isPresent());
    }
  }

  @Test
  void images_stay_whileTheIndexIsHalfWrittenOrMissing() throws IOException {
    SampleImage image = SampleImage.of("a", "a");
    Reference name = Reference.parse("docker.io/library/nginx:1");
    try (LayoutFixture fixture = layout()) {
      put(fixture, "nginx:1", image);
      Set<String> keys = start(fixture);
      await(() -> fixture.store().connected());

      String whole = fixture.indexJson();
      for (int i = 0; i < whole.length(); i += 20) {
        Files.writeString(fixture.index(), whole.substring(0, i));
        assertEquals(
            Optional.of(image.target().digest()), fixture.store().resolve(name), "after " + i);
      }
      // A listing during which the index is broken: it withdraws the layer, and nothing else.
      fixture.removeBlob(SampleImage.layerDigest("a"));
      await(() -> !keys.contains(SampleImage.layerDigest("a").toString()));
      assertEquals(Optional.of(image.target().digest()), fixture.store().resolve(name));

      Files.delete(fixture.index());
      SampleImage next = SampleImage.of("next", "b");
      put(fixture, "nginx:1", next);
      await(() -> fixture.store().resolve(name).equals(Optional.of(next.target().digest())));
    }
  }

  @Test
  void image_isListed_whenTheIndexWasBrokenAtStart() throws IOException {
    try (LayoutFixture fixture = layout()) {
      Files.writeString(fixture.index(), "{");
      Set<String> keys = start(fixture);

      put(fixture, "nginx:1", SampleImage.of("a", "a"));

      await(() -> keys.contains("docker.io/library/nginx:1"));
    }
  }

  @Test
  void blob_isListed_whenItComesLaterThanItsImage() throws IOException {
    SampleImage image = SampleImage.of("a", "a", "b");
    Digest late = SampleImage.layerDigest("b");
    try (LayoutFixture fixture = layout()) {
      fixture.putImage("nginx:1", image.target(), image.blobs().subList(0, 3));
      // So far only a part of it is there.
      Files.write(fixture.blob(late), new byte[] {1, 2, 3});
      Set<String> keys = start(fixture);
      await(() -> keys.contains("docker.io/library/nginx:1"));
      assertEquals(Optional.empty(), fixture.store().find(late));

      LayoutFixture.replace(fixture.blob(late), SampleImage.layer("b"));

      await(() -> keys.contains(late.toString()));
    }
  }

  @Test
  void blob_isAMiss_whenItsSizeHasChanged() throws IOException {
    SampleImage image = SampleImage.of("a", "a");
    Digest layer = SampleImage.layerDigest("a");
    try (LayoutFixture fixture = layout()) {
      put(fixture, "nginx:1", image);
      start(fixture);
      await(() -> fixture.store().connected());

      Files.write(fixture.blob(layer), new byte[] {1});

      assertEquals(Optional.empty(), fixture.store().open(layer));
      assertEquals(Optional.empty(), fixture.store().find(layer));
    }
  }

  @Test
  void link_isFollowed_onlyWithinTheLayout() throws IOException {
    SampleImage image = SampleImage.of("a", "in", "out");
    Digest inside = SampleImage.layerDigest("in");
    Digest outside = SampleImage.layerDigest("out");
    try (LayoutFixture fixture = layout()) {
      put(fixture, "nginx:1", image);
      moveAndLink(fixture.blob(inside), fixture.directory.resolve("shared"));
      moveAndLink(fixture.blob(outside), temporary.resolve("elsewhere"));
      Set<String> keys = start(fixture);
      await(() -> keys.contains("docker.io/library/nginx:1"));

      assertTrue(fixture.store().open(inside).isPresent());
      assertEquals(Optional.empty(), fixture.store().find(outside));
      assertEquals(Optional.empty(), fixture.store().open(outside));
    }
  }

  @Test
  void link_isRefused_whenItIsADirectory() throws IOException {
    SampleImage image = SampleImage.of("a", "a");
    try (LayoutFixture fixture = layout()) {
      put(fixture, "nginx:1", image);
      moveAndLink(fixture.directory.resolve("blobs"), temporary.resolve("elsewhere"));
      start(fixture);
      await(() -> fixture.store().connected());

      assertEquals(Optional.empty(), fixture.store().find(image.target().digest()));
    }
  }

  @Test
  void index_isRefused_whenItLeadsOutOrIsTooLarge() throws IOException {
    try (LayoutFixture fixture = layout()) {
      put(fixture, "nginx:1", SampleImage.of("a", "a"));
      moveAndLink(fixture.index(), temporary.resolve("elsewhere"));
      LayoutDirectory directory = LayoutDirectory.open(fixture.directory);
      StoreException e = assertThrows(StoreException.class, directory::index);
      assertTrue(e.toString().contains("leads out of the image layout"), e.toString());
    }
  }

  @Test
  void listing_isBounded() throws IOException {
    SampleImage image = SampleImage.of("a", "a");
    try (LayoutFixture fixture = layout()) {
      for (int i = 0; i < 10; i++) {
        put(fixture, "nginx:" + i, image);
      }
      LayoutDirectory directory = LayoutDirectory.open(fixture.directory);

      for (StoreLimits limits :
          List.of(new StoreLimits(4, 100, 100), new StoreLimits(100, 100, 4 * 3))) {
        LayoutListing listing = LayoutListing.of(directory.index(), directory, limits);
        assertEquals(4, listing.listing().images().size());
        assertEquals(6, listing.leftOut());
      }
    }
  }

  private static void moveAndLink(Path from, Path to) throws IOException {
    Files.move(from, to);
    Files.createSymbolicLink(from, to);
  }

  @Test
  void sha512_isServed() throws IOException {
    byte[] manifest = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    Digest digest = Digest.of(Digest.Algorithm.SHA512, manifest);
    try (LayoutFixture fixture = layout()) {
      Set<String> keys = start(fixture);
      await(() -> fixture.store().connected());

      // The directory of this algorithm is new, and so not watched yet when its file comes.
      LayoutFixture.replace(fixture.blob(digest), manifest);
      fixture.putImage(
          "nginx:1",
          new Descriptor("application/vnd.oci.image.index.v1+json", digest, manifest.length),
          List.of());

      await(() -> keys.contains(digest.toString()));
      fixture.store().open(digest).orElseThrow().close();
    }
  }

  @Test
  void everything_isListedAnew_whenThePeriodIsOver() throws IOException {
    SampleImage image = SampleImage.of("a", "a");
    Path directory = temporary.resolve("layout");
    try (LayoutFixture fixture = new LayoutFixture(directory, any -> true, Duration.ofMillis(50))) {
      put(fixture, "nginx:1", image);
      // Behind a link nothing is watched.
      moveAndLink(directory.resolve("blobs"), directory.resolve("moved"));
      Set<String> keys = start(fixture);
      await(() -> keys.contains(SampleImage.layerDigest("a").toString()));

      fixture.removeBlob(SampleImage.layerDigest("a"));

      await(() -> !keys.contains(SampleImage.layerDigest("a").toString()));
    }
  }

  private static void put(LayoutFixture fixture, String name, SampleImage image)
      throws IOException {
    fixture.putImage(name, image.target(), image.blobs());
  }

  /** Starts the store, and returns the keys that it has announced, as they come and go. */
  private static Set<String> start(LayoutFixture fixture) {
    Set<String> keys = ConcurrentHashMap.newKeySet();
    fixture
        .store()
        .start(
            event -> {
              if (event.type() == StoreEvent.Type.CREATE) {
                keys.add(event.key());
              } else {
                keys.remove(event.key());
              }
            });
    return keys;
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not in time");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }
}
