package spegel.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.MediaTypes;
import spegel.oci.Reference;

class ManifestCacheTest {
  private static final int MAX_BYTES = 64 * 1024;

  private final MemoryStore store = new MemoryStore(reference -> true);
  private final ManifestCache cache = new ManifestCache(store, MAX_BYTES);

  @Test
  void load_readsOnce() {
    Digest digest = add(index("a"));
    assertTrue(cache.cached(digest).isEmpty());

    CachedManifest loaded =
        assertInstanceOf(CachedManifest.class, cache.load(digest).orElseThrow());

    assertEquals(MediaTypes.OCI_INDEX, loaded.mediaType());
    assertArrayEquals(index("a"), loaded.bytes());
    assertSame(loaded, cache.cached(digest).orElseThrow());
    assertSame(loaded, cache.load(digest).orElseThrow());
  }

  @Test
  void load_isEmpty_whenDigestIsUnknown() {
    assertEquals(Optional.empty(), cache.load(Digest.sha256(new byte[1])));
  }

  @Test
  void load_isEmpty_whenContentIsDamaged() {
    byte[] damaged = index("a");
    damaged[damaged.length - 2]++;
    Digest digest = Digest.sha256(index("a"));
    store.putBlob(digest, damaged);
    name(digest, damaged.length);

    assertEquals(Optional.empty(), cache.load(digest));
    assertEquals(Optional.empty(), cache.cached(digest));
  }

  @Test
  void load_isEmpty_whenContentIsTooLarge() {
    assertEquals(Optional.empty(), cache.load(add(new byte[Manifest.MAX_BYTES + 1])));
  }

  @Test
  void load_isEmpty_whenContentWasCollected() {
    Digest digest = add(index("a"));
    store.removeBlob(digest);

    assertEquals(Optional.empty(), cache.load(digest));
  }

  @Test
  void load_givesTheBlob_whenContentIsNoManifest() {
    byte[] layer = {0x1f, (byte) 0x8b, 8, 0};
    Digest digest = add(layer);

    UncachedManifest loaded =
        assertInstanceOf(UncachedManifest.class, cache.load(digest).orElseThrow());

    assertEquals(Descriptor.UNKNOWN_MEDIA_TYPE, loaded.mediaType());
    assertEquals(
        ByteBuffer.wrap(layer), assertInstanceOf(Blob.InMemory.class, loaded.blob()).bytes());
    assertTrue(cache.cached(digest).isEmpty());
  }

  @Test
  void load_givesTheBlob_whenManifestIsTooLargeToKeep() {
    Digest digest = add(index("x".repeat(MAX_BYTES / 4)));

    UncachedManifest loaded =
        assertInstanceOf(UncachedManifest.class, cache.load(digest).orElseThrow());

    assertEquals(MediaTypes.OCI_INDEX, loaded.mediaType());
  }

  @Test
  void cached_isEmpty_whenContentIsNoLongerInTheStore() {
    Digest digest = add(index("a"));
    cache.load(digest);

    store.removeImage(reference(digest));

    assertTrue(cache.cached(digest).isEmpty());
    assertTrue(cache.load(digest).isEmpty());
  }

  @Test
  void cached_keepsWhatIsAskedFor_andStaysWithinItsBytes() {
    Digest asked = add(index("asked"));
    cache.load(asked);
    Digest[] others = new Digest[1000];
    for (int i = 0; i < others.length; i++) {
      others[i] = add(index("other " + i));
      cache.load(others[i]);
      assertTrue(cache.cached(asked).isPresent(), "after " + i);
    }

    long kept = Arrays.stream(others).filter(digest -> cache.cached(digest).isPresent()).count();

    assertTrue(kept > 60 && kept < MAX_BYTES / 512, "kept " + kept);
  }

  private Digest add(byte[] content) {
    Digest digest = store.putBlob(content);
    name(digest, content.length);
    return digest;
  }

  private void name(Digest digest, int size) {
    store.putImage(reference(digest), new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, digest, size));
  }

  private static Reference reference(Digest digest) {
    return Reference.parse("docker.io/library/nginx:" + digest.hex());
  }

  private static byte[] index(String comment) {
    return "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"comment\":\"%s\"}}"
        .formatted(comment)
        .getBytes(StandardCharsets.UTF_8);
  }
}
