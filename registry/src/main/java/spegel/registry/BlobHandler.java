package spegel.registry;

import java.util.Optional;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.oci.ByteRange;
import spegel.oci.Digest;
import spegel.store.Blob;
import spegel.store.ContentStore;

/**
 * Blobs by digest, whole or in part. The index says in memory what is not here; what it says is
 * here is opened, in a virtual thread, before the first byte of the answer.
 */
final class BlobHandler {
  private static final HttpFields FIELDS =
      HttpFields.of("Content-Type", "application/octet-stream").with("Accept-Ranges", "bytes");

  private final ContentStore store;
  private final DiskAccess disk;
  private final MissingContent missing;

  BlobHandler(ContentStore store, DiskAccess disk, MissingContent missing) {
    this.store = store;
    this.disk = disk;
    this.missing = missing;
  }

  void handle(ContentRequest request, Digest digest) {
    if (store.find(digest).isEmpty()) {
      missing.answer(request);
    } else {
      request.runBlocking(() -> open(request, digest));
    }
  }

  private void open(ContentRequest request, Digest digest) {
    Optional<Blob> blob = disk.read(() -> store.open(digest));
    if (blob.isPresent()) {
      respond(request.exchange(), digest, blob.get());
    } else {
      missing.answer(request);
    }
  }

  private static void respond(HttpExchange exchange, Digest digest, Blob blob) {
    HttpFields fields =
        FIELDS
            .with("Docker-Content-Digest", digest.toString())
            .with("ETag", Preconditions.entityTag(digest));
    if (Preconditions.isNotModified(exchange, digest)) {
      blob.close();
      exchange.respond(304, fields, RegistryAnswers.EMPTY);
      return;
    }
    switch (ByteRange.resolve(Preconditions.range(exchange, digest), blob.size())) {
      case ByteRange.Whole whole -> exchange.respond(200, fields, blob, 0, blob.size());
      case ByteRange.Part part ->
          exchange.respond(
              206,
              fields.with("Content-Range", part.contentRange()),
              blob,
              part.first(),
              part.lengthBytes());
      case ByteRange.Unsatisfiable none -> {
        blob.close();
        exchange.respond(
            416, fields.with("Content-Range", none.contentRange()), RegistryAnswers.EMPTY);
      }
    }
  }
}
