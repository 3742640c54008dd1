package spegel.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.OciFormatException;

/**
 * The manifests of a store in memory, since each is asked for far more often than it changes.
 * Bounded in bytes; the ones that were not asked for lately make room (second chance: as good as
 * least recently used, and a reader takes no lock).
 */
public final class ManifestCache {
  /** Room for the manifests of about a thousand images. */
  public static final int DEFAULT_MAX_BYTES = 8 * 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(ManifestCache.class);

  /** What an entry takes besides its bytes: its digest, the maps' nodes. */
  private static final int ENTRY_BYTES = 512;

  /** The share of the room that one manifest may take. */
  private static final int MAX_SHARE = 4;

  /**
   * All that are being read at one time; large ones wait for each other, small ones hardly ever.
   */
  private static final int MAX_LOADING_KIB = 8 * 1024;

  private final ContentStore store;
  private final int maxBytes;
  private final Semaphore loadingKib = new Semaphore(MAX_LOADING_KIB);

  private final Map<Digest, Entry> entries = new ConcurrentHashMap<>();

  /** Guards what follows. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Queue<Entry> order = new ArrayDeque<>();
  private int heldBytes;

  /**
   * @param maxBytes of memory; one manifest takes a quarter of it at most
   */
  public ManifestCache(ContentStore store, int maxBytes) {
    this.store = store;
    this.maxBytes = maxBytes;
  }

  /**
   * The manifest if it is in memory, and in the store as far as the store knows. Never blocks, and
   * may be called on an event loop.
   */
  public Optional<CachedManifest> cached(Digest digest) {
    Entry entry = entries.get(digest);
    if (entry == null || store.find(digest).isEmpty()) {
      return Optional.empty();
    }
    if (!entry.used) {
      entry.used = true;
    }
    return Optional.of(entry.manifest);
  }

  /**
   * The manifest, from memory or read from the store; empty when it is not there, is more than
   * {@link Manifest#MAX_BYTES} large, or its bytes are not its digest's. Content that is no
   * manifest is given as what it is. Blocks for as long as the disk takes.
   *
   * @throws StoreException when it is there and cannot be read
   */
  public Optional<LoadedManifest> load(Digest digest) {
    Optional<CachedManifest> cached = cached(digest);
    if (cached.isPresent()) {
      return cached.map(LoadedManifest.class::cast);
    }
    Optional<Descriptor> known = store.find(digest);
    if (known.isEmpty() || known.get().size() > Manifest.MAX_BYTES) {
      return Optional.empty();
    }
    return store.open(digest).flatMap(blob -> load(digest, blob));
  }

  private Optional<LoadedManifest> load(Digest digest, Blob blob) {
    LoadedManifest loaded = null;
    try {
      if (blob.size() <= Manifest.MAX_BYTES) {
        loaded = loadBounded(digest, blob);
      }
    } finally {
      if (!(loaded instanceof UncachedManifest)) {
        blob.close();
      }
    }
    return Optional.ofNullable(loaded);
  }

  private @Nullable LoadedManifest loadBounded(Digest digest, Blob blob) {
    int kib = (int) (blob.size() / 1024) + 1;
    try {
      loadingKib.acquire(kib);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted before reading " + digest, e);
    }
    try {
      Optional<CachedManifest> cached = cached(digest);
      return cached.isPresent() ? cached.get() : verify(digest, blob);
    } finally {
      loadingKib.release(kib);
    }
  }

  private @Nullable LoadedManifest verify(Digest digest, Blob blob) {
    byte[] bytes = read(digest, blob);
    if (!Digest.of(digest.algorithm(), bytes).equals(digest)) {
      log.atWarn()
          .addKeyValue("digest", digest)
          .addKeyValue("bytes", bytes.length)
          .log("Content is damaged and is not served as a manifest");
      return null;
    }
    String mediaType;
    try {
      mediaType = Manifest.parse(bytes).mediaType();
    } catch (OciFormatException e) {
      log.atDebug()
          .addKeyValue("digest", digest)
          .addKeyValue("reason", e.getMessage())
          .log("Manifest not understood");
      return new UncachedManifest(Descriptor.UNKNOWN_MEDIA_TYPE, blob);
    }
    if (bytes.length + ENTRY_BYTES > maxBytes / MAX_SHARE) {
      return new UncachedManifest(mediaType, blob);
    }
    CachedManifest manifest = new CachedManifest(mediaType, bytes);
    put(new Entry(digest, manifest));
    return manifest;
  }

  private static byte[] read(Digest digest, Blob blob) {
    ByteBuffer bytes = ByteBuffer.allocate((int) blob.size());
    switch (blob) {
      case Blob.InMemory memory -> bytes.put(memory.bytes().duplicate());
      case Blob.InFile file -> read(digest, file.channel(), bytes);
    }
    // Shorter than promised: the digest will tell.
    return bytes.hasRemaining() ? Arrays.copyOf(bytes.array(), bytes.position()) : bytes.array();
  }

  private static void read(Digest digest, FileChannel channel, ByteBuffer bytes) {
    try {
      int count = 0;
      // At positions of our own: the channel's stays where whoever sends the blob expects it.
      while (bytes.hasRemaining() && count >= 0) {
        count = channel.read(bytes, bytes.position());
      }
    } catch (IOException e) {
      throw new StoreException("content cannot be read: " + digest + ": " + e.getMessage(), e);
    }
  }

  private void put(Entry entry) {
    lock.lock();
    try {
      if (entries.putIfAbsent(entry.digest, entry) != null) {
        return;
      }
      order.add(entry);
      heldBytes += entry.heldBytes();
      // Readers may set the mark as fast as it is cleared: after one round it counts no longer.
      for (int chances = order.size(); heldBytes > maxBytes; chances--) {
        Entry oldest = order.remove();
        if (oldest.used && chances > 0) {
          oldest.used = false;
          order.add(oldest);
        } else {
          entries.remove(oldest.digest);
          heldBytes -= oldest.heldBytes();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** A manifest, and whether it was asked for since it came or was last spared. */
  private static final class Entry {
    final Digest digest;
    final CachedManifest manifest;
    volatile boolean used;

    Entry(Digest digest, CachedManifest manifest) {
      this.digest = digest;
      this.manifest = manifest;
    }

    int heldBytes() {
      return manifest.bytes().length + ENTRY_BYTES;
    }
  }
}
