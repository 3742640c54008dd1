package spegel.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.Reference;

/**
 * Images in memory. A change of an image is announced before the call that makes it returns; a
 * change of a blob is like one on a runtime's disk, unheard until the next listing.
 */
public final class MemoryStore implements ContentStore {
  private final StoreIndex index;
  private final Map<Reference, Descriptor> images = new ConcurrentHashMap<>();
  private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
  private volatile boolean connected;

  /** An empty store, that will serve what the filter lets through. */
  public MemoryStore(Predicate<Reference> filter) {
    this.index = new StoreIndex(filter, StoreLimits.DEFAULT);
  }

  /** Adds content and returns its SHA-256 digest. */
  public Digest putBlob(byte[] content) {
    Digest digest = Digest.sha256(content);
    putBlob(digest, content);
    return digest;
  }

  /** Adds content under a digest that need not be its own. */
  public void putBlob(Digest digest, byte[] content) {
    blobs.put(digest, content.clone());
  }

  /** Removes content. */
  public void removeBlob(Digest digest) {
    blobs.remove(digest);
  }

  /** Adds or moves a name; of what it reaches, the blobs that are here now are found. */
  public void putImage(Reference reference, Descriptor target) {
    images.put(reference, target);
    index.putImage(reference, target.digest(), reachable(target));
  }

  /** Removes a name. */
  public void removeImage(Reference reference) {
    images.remove(reference);
    index.removeImage(reference);
  }

  /** Lists everything anew. */
  public void list() {
    List<Listing.Image> listed = new ArrayList<>();
    images.forEach(
        (reference, target) ->
            listed.add(new Listing.Image(reference, target.digest(), reachable(target))));
    index.replace(new Listing(listed, List.of()));
  }

  /** From now on it is as if the runtime were away, until {@link #reconnect}. */
  public void disconnect() {
    connected = false;
    index.suspendTags();
  }

  /** The runtime is back: everything is listed anew. */
  public void reconnect() {
    list();
    index.resumeTags();
    connected = true;
  }

  private List<Descriptor> reachable(Descriptor target) {
    return ImageWalk.from(
        new BlobSource() {
          @Override
          public OptionalLong size(Digest digest) {
            byte[] content = blobs.get(digest);
            return content == null ? OptionalLong.empty() : OptionalLong.of(content.length);
          }

          @Override
          public Optional<byte[]> manifest(Digest digest) {
            return Optional.ofNullable(blobs.get(digest))
                .filter(content -> content.length <= Manifest.MAX_BYTES);
          }
        },
        target);
  }

  @Override
  public void start(StoreListener listener) {
    index.start(listener);
    connected = true;
  }

  @Override
  public boolean connected() {
    return connected;
  }

  @Override
  public Optional<Digest> resolve(Reference tagged) {
    return index.resolve(tagged);
  }

  @Override
  public Optional<Descriptor> find(Digest digest) {
    return index.find(digest);
  }

  @Override
  public Optional<Blob> open(Digest digest) {
    if (index.find(digest).isEmpty()) {
      return Optional.empty();
    }
    byte[] content = blobs.get(digest);
    if (content == null) {
      index.removeContent(digest);
      return Optional.empty();
    }
    return Optional.of(new Blob.InMemory(ByteBuffer.wrap(content)));
  }

  @Override
  public StoreStatistics statistics() {
    return index.statistics();
  }

  @Override
  public Inventory inventory(int maxImages) {
    return index.inventory(maxImages);
  }

  @Override
  public void close() {
    connected = false;
  }
}
