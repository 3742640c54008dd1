package spegel.registry;

import java.util.Optional;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.store.Blob;
import spegel.store.ContentStore;
import spegel.store.Inventory;
import spegel.store.StoreException;
import spegel.store.StoreListener;
import spegel.store.StoreStatistics;

/** A store whose disk can fail. */
final class FaultyStore implements ContentStore {
  private final ContentStore store;
  private volatile boolean failing;

  FaultyStore(ContentStore store) {
    this.store = store;
  }

  void fail() {
    failing = true;
  }

  @Override
  public Optional<Blob> open(Digest digest) {
    if (failing) {
      throw new StoreException("Input/output error");
    }
    return store.open(digest);
  }

  @Override
  public void start(StoreListener listener) {
    store.start(listener);
  }

  @Override
  public boolean connected() {
    return store.connected();
  }

  @Override
  public Optional<Digest> resolve(Reference tagged) {
    return store.resolve(tagged);
  }

  @Override
  public Optional<Descriptor> find(Digest digest) {
    return store.find(digest);
  }

  @Override
  public StoreStatistics statistics() {
    return store.statistics();
  }

  @Override
  public Inventory inventory(int maxImages) {
    return store.inventory(maxImages);
  }

  @Override
  public void close() {
    store.close();
  }
}
