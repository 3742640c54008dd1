package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.path;
import static spegel.e2e.ServedContent.tagged;
import static spegel.e2e.harness.RegistryClient.header;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.RegistryClient;

/**
 * Pulls images in the order in which a runtime does: the tag, the manifest, all blobs; each from
 * the mirror, and from the upstream when the mirror is away or answers 404. A wrong byte, or
 * another answer, is an {@link AssertionError}.
 */
final class MirrorPull {
  /** As a runtime does; registries answer 404 to those who do not name the manifest's own. */
  private static final String[] ACCEPT = {
    "Accept",
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*"
  };

  private final RegistryClient upstream;
  private final AtomicInteger mirrored = new AtomicInteger();
  private final AtomicInteger fromUpstream = new AtomicInteger();

  MirrorPull(RegistryClient upstream) {
    this.upstream = upstream;
  }

  void pull(RegistryClient mirror, String repository, OciImage image) {
    String tag = tagged(repository, "1");
    HttpResponse<byte[]> resolved = first(mirror, client -> client.head(tag, ACCEPT));
    assertEquals(image.digest().toString(), header(resolved, "Docker-Content-Digest"), tag);
    for (Content content : List.copyOf(image.contents()).reversed()) {
      HttpResponse<byte[]> got =
          first(mirror, client -> client.get(path(repository, content), ACCEPT));
      assertArrayEquals(content.bytes(), got.body(), content.toString());
    }
  }

  /** How many answers came from mirrors. */
  int mirrored() {
    return mirrored.get();
  }

  /** How many answers came from the upstream. */
  int fromUpstream() {
    return fromUpstream.get();
  }

  @FunctionalInterface
  private interface Request {
    HttpResponse<byte[]> to(RegistryClient client);
  }

  private HttpResponse<byte[]> first(RegistryClient mirror, Request request) {
    Optional<HttpResponse<byte[]>> fromMirror = answer(() -> request.to(mirror));
    if (fromMirror.isPresent() && fromMirror.get().statusCode() != 404) {
      assertEquals(200, fromMirror.get().statusCode(), fromMirror.get().toString());
      mirrored.incrementAndGet();
      return fromMirror.get();
    }
    HttpResponse<byte[]> fromSource = request.to(upstream);
    assertTrue(fromSource.statusCode() == 200, fromSource.toString());
    fromUpstream.incrementAndGet();
    return fromSource;
  }

  /** Empty when the mirror cannot be reached, or goes away on the way. */
  private static Optional<HttpResponse<byte[]>> answer(Supplier<HttpResponse<byte[]>> request) {
    try {
      return Optional.of(request.get());
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
