package spegel.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;

class MemoryStoreTest extends ContentStoreContract {

  @Test
  void disconnect_hidesTagsAndNotContent() {
    Reference reference = Reference.parse("docker.io/library/app:1");
    SampleImage image = SampleImage.of("one", "one");
    MemoryStore store = new MemoryStore(any -> true);
    image.blobs().forEach(store::putBlob);
    store.putImage(reference, image.target());
    store.start(event -> {});

    store.disconnect();
    assertFalse(store.connected());
    assertEquals(Optional.empty(), store.resolve(reference));
    assertTrue(store.open(image.target().digest()).isPresent());

    store.reconnect();
    assertEquals(Optional.of(image.target().digest()), store.resolve(reference));
  }

  @Override
  protected StoreFixture fixture(Predicate<Reference> filter) {
    MemoryStore store = new MemoryStore(filter);
    return new StoreFixture() {
      @Override
      public ContentStore store() {
        return store;
      }

      @Override
      public void putImage(Reference reference, Descriptor target, List<byte[]> blobs) {
        blobs.forEach(store::putBlob);
        store.putImage(reference, target);
      }

      @Override
      public void removeImage(Reference reference) {
        store.removeImage(reference);
      }

      @Override
      public void removeBlob(Digest digest) {
        store.removeBlob(digest);
      }

      @Override
      public void relist() {
        store.list();
      }

      @Override
      public void close() {
        store.close();
      }
    };
  }
}
