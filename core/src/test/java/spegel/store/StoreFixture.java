package spegel.store;

import java.io.IOException;
import java.util.List;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Reference;

/**
 * A store under test, and what goes on behind it: in the runtime or the directory that it shows.
 * The store need not have noticed when a method returns.
 */
public interface StoreFixture extends AutoCloseable {

  /** The store, not started; the same each time. */
  ContentStore store();

  /**
   * Adds an image, or moves its name.
   *
   * @param target what the name points to
   * @param blobs the content that comes with it, the target's own included
   */
  void putImage(Reference reference, Descriptor target, List<byte[]> blobs) throws Exception;

  /** Removes a name; blobs that are reached by no other name may go with it. */
  void removeImage(Reference reference) throws Exception;

  /** Removes a blob as garbage collection does. */
  void removeBlob(Digest digest) throws Exception;

  /** Has the store list everything anew before long. */
  void relist() throws Exception;

  /** Closes the store and what is behind it. */
  @Override
  void close() throws IOException;
}
