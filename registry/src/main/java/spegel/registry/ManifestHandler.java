package spegel.registry;

import java.util.Optional;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.store.Blob;
import spegel.store.CachedManifest;
import spegel.store.ContentStore;
import spegel.store.LoadedManifest;
import spegel.store.ManifestCache;
import spegel.store.UncachedManifest;

/**
 * Manifests by tag or digest. One that is in memory is answered at once; another is read in a
 * virtual thread.
 */
final class ManifestHandler {
  private final ContentStore store;
  private final ManifestCache manifests;
  private final DiskAccess disk;
  private final MissingContent missing;

  ManifestHandler(
      ContentStore store, ManifestCache manifests, DiskAccess disk, MissingContent missing) {
    this.store = store;
    this.manifests = manifests;
    this.disk = disk;
    this.missing = missing;
  }

  void handle(ContentRequest request, Reference tagged) {
    Optional<Digest> digest = store.resolve(tagged);
    if (digest.isPresent()) {
      handle(request, digest.get());
    } else {
      missing.answer(request);
    }
  }

  void handle(ContentRequest request, Digest digest) {
    if (store.find(digest).isEmpty()) {
      missing.answer(request);
      return;
    }
    Optional<CachedManifest> cached = manifests.cached(digest);
    if (cached.isPresent()) {
      respond(request.exchange(), digest, cached.get());
    } else {
      request.runBlocking(() -> load(request, digest));
    }
  }

  private void load(ContentRequest request, Digest digest) {
    Optional<LoadedManifest> manifest = disk.read(() -> manifests.load(digest));
    if (manifest.isPresent()) {
      respond(request.exchange(), digest, manifest.get());
    } else {
      missing.answer(request);
    }
  }

  private static void respond(HttpExchange exchange, Digest digest, LoadedManifest manifest) {
    boolean notModified = Preconditions.isNotModified(exchange, digest);
    HttpFields fields = fields(manifest.mediaType(), digest);
    switch (manifest) {
      case CachedManifest cached when notModified ->
          exchange.respond(304, fields, RegistryAnswers.EMPTY);
      case CachedManifest cached -> exchange.respond(200, fields, cached.bytes());
      case UncachedManifest uncached -> {
        Blob blob = uncached.blob();
        if (notModified) {
          blob.close();
          exchange.respond(304, fields, RegistryAnswers.EMPTY);
        } else {
          exchange.respond(200, fields, blob, 0, blob.size());
        }
      }
    }
  }

  /** The fields of a manifest's answer. */
  static HttpFields fields(String mediaType, Digest digest) {
    return HttpFields.of("Content-Type", mediaType)
        .with("Docker-Content-Digest", digest.toString())
        .with("ETag", Preconditions.entityTag(digest));
  }
}
