package spegel.registry;

import java.util.function.Predicate;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.UnsentBody;
import spegel.mirror.Mirror;
import spegel.mirror.MirrorRequest;
import spegel.mirror.MirrorResult;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.registry.ContentRequest.Kind;
import spegel.store.Blob;

/** Answers with what peers have; a peer's own request is never passed on, so there are no loops. */
final class MirroredContent implements MissingContent {
  private final Mirror mirror;
  private final NotFound notFound;
  private final Predicate<Reference> passes;
  private final RegistryObserver observer;

  /**
   * @param passes which names this node deals with at all
   */
  MirroredContent(
      Mirror mirror, NotFound notFound, Predicate<Reference> passes, RegistryObserver observer) {
    this.mirror = mirror;
    this.notFound = notFound;
    this.passes = passes;
    this.observer = observer;
  }

  @Override
  public void answer(ContentRequest request) {
    Reference name = request.name();
    if (request.isFromPeer() || (name != null && !passes.test(name))) {
      notFound.answer(request);
    } else {
      request.runBlocking(() -> ask(request));
    }
  }

  private void ask(ContentRequest request) {
    HttpExchange exchange = request.exchange();
    switch (search(request)) {
      case MirrorResult.NotFound(var asked) -> notFound.answer(request, asked);
      case MirrorResult.ManifestFound manifest -> {
        observer.mirrorRequest(request.registry(), true);
        HttpFields fields = ManifestHandler.fields(manifest.mediaType(), manifest.digest());
        Blob content = manifest.content();
        if (content == null) {
          exchange.respond(200, fields, new UnsentBody(manifest.size()));
        } else {
          exchange.respond(200, fields, content, 0, manifest.size());
        }
      }
      case MirrorResult.BlobFound blob -> {
        observer.mirrorRequest(request.registry(), true);
        BlobHandler.respond(exchange, blob.digest(), blob.range(), blob.body());
      }
    }
  }

  private MirrorResult search(ContentRequest request) {
    return switch (request.kind()) {
      case BLOB -> mirror.blob(mirrorRequest(request));
      case MANIFEST -> mirror.manifest(mirrorRequest(request));
    };
  }

  private static MirrorRequest mirrorRequest(ContentRequest request) {
    HttpExchange exchange = request.exchange();
    Digest digest = request.digest();
    String query = exchange.query();
    return new MirrorRequest(
        request.key(),
        digest,
        query.isEmpty() ? exchange.path() : exchange.path() + "?" + query,
        exchange.method().equals("HEAD"),
        request.kind() == Kind.BLOB && digest != null
            ? Preconditions.range(exchange, digest)
            : null,
        exchange.remoteAddress().getAddress());
  }
}
