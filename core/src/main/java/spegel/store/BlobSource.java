package spegel.store;

import java.util.Optional;
import java.util.OptionalLong;
import spegel.oci.Digest;

/** Content as it lies there, whatever any index says of it. */
public interface BlobSource {

  /**
   * Bytes of the content; empty when it is not here.
   *
   * @throws StoreException when that cannot be told
   */
  OptionalLong size(Digest digest);

  /**
   * The content, if it is here and no more than {@link spegel.oci.Manifest#MAX_BYTES} large.
   *
   * @throws StoreException when it cannot be read
   */
  Optional<byte[]> manifest(Digest digest);
}
