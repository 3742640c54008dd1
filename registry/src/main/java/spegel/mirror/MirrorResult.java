package spegel.mirror;

import org.jspecify.annotations.Nullable;
import spegel.http.BodyStream;
import spegel.oci.ByteRange;
import spegel.oci.Digest;
import spegel.store.Blob;

/** What came of a request to the mirror. */
public sealed interface MirrorResult {

  /**
   * A peer has the manifest.
   *
   * @param mediaType fit for a header
   * @param size bytes of it
   * @param content all of it, of the named digest, to be closed when it is sent; null when only the
   *     head was asked for
   */
  record ManifestFound(String mediaType, Digest digest, long size, Blob.@Nullable InMemory content)
      implements MirrorResult, AutoCloseable {

    @Override
    public void close() {
      if (content != null) {
        content.close();
      }
    }
  }

  /**
   * A peer has the blob.
   *
   * @param range what is answered: all, a part, or that there is no such part
   * @param body the bytes of the range, to be sent or cancelled; only their length where the head
   *     was asked for
   */
  record BlobFound(Digest digest, ByteRange range, BodyStream body) implements MirrorResult {}

  /**
   * No peer could help.
   *
   * @param asked how many peers were asked
   */
  record NotFound(int asked) implements MirrorResult {}
}
