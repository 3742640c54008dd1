package spegel.registry;

import java.util.Optional;
import spegel.http.BodyStream;
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
  private final PeerPlaces places;
  private final RegistryObserver observer;

  BlobHandler(
      ContentStore store,
      DiskAccess disk,
      MissingContent missing,
      PeerPlaces places,
      RegistryObserver observer) {
    this.store = store;
    this.disk = disk;
    this.missing = missing;
    this.places = places;
    this.observer = observer;
  }

  void handle(ContentRequest request, Digest digest) {
    if (store.find(digest).isEmpty()) {
      missing.answer(request);
    } else {
      request.runBlocking(() -> open(request, digest));
    }
  }

  private void open(ContentRequest request, Digest digest) {
    if (request.isFromPeer() && !places.take(request.exchange())) {
      RegistryAnswers.unavailable(request.exchange(), "this node serves enough peers already");
      return;
    }
    Optional<Blob> blob = disk.read(() -> store.open(digest));
    if (blob.isPresent()) {
      respond(request, digest, blob.get());
    } else {
      missing.answer(request);
    }
  }

  private void respond(ContentRequest request, Digest digest, Blob blob) {
    HttpExchange exchange = request.exchange();
    if (Preconditions.isNotModified(exchange, digest)) {
      blob.close();
      exchange.respond(304, fields(digest), RegistryAnswers.EMPTY);
      return;
    }
    ByteRange range = ByteRange.resolve(Preconditions.range(exchange, digest), blob.size());
    HttpFields fields = fields(digest, range);
    switch (range) {
      case ByteRange.Whole whole -> {
        tell(request, digest, blob.size());
        exchange.respond(200, fields, blob, 0, blob.size());
      }
      case ByteRange.Part part -> {
        tell(request, digest, part.lengthBytes());
        exchange.respond(206, fields, blob, part.first(), part.lengthBytes());
      }
      case ByteRange.Unsatisfiable none -> {
        blob.close();
        exchange.respond(416, fields, RegistryAnswers.EMPTY);
      }
    }
  }

  private void tell(ContentRequest request, Digest digest, long lengthBytes) {
    if (request.isFromPeer() && request.exchange().method().equals("GET")) {
      observer.blobForPeer(request.exchange(), digest, lengthBytes);
    }
  }

  /** Answers with bytes that come from elsewhere. */
  static void respond(HttpExchange exchange, Digest digest, ByteRange range, BodyStream body) {
    HttpFields fields = fields(digest, range);
    switch (range) {
      case ByteRange.Whole whole -> exchange.respond(200, fields, body);
      case ByteRange.Part part -> exchange.respond(206, fields, body);
      case ByteRange.Unsatisfiable none -> exchange.respond(416, fields, body);
    }
  }

  private static HttpFields fields(Digest digest) {
    return FIELDS
        .with("Docker-Content-Digest", digest.toString())
        .with("ETag", Preconditions.entityTag(digest));
  }

  private static HttpFields fields(Digest digest, ByteRange range) {
    return switch (range) {
      case ByteRange.Whole whole -> fields(digest);
      case ByteRange.Part part -> fields(digest).with("Content-Range", part.contentRange());
      case ByteRange.Unsatisfiable none ->
          fields(digest).with("Content-Range", none.contentRange());
    };
  }
}
