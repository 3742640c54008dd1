package spegel.registry;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.http.HttpExchange;
import spegel.oci.Digest;
import spegel.oci.Reference;
import spegel.oci.RegistryError;
import spegel.oci.RegistryError.Code;
import spegel.oci.Repository;
import spegel.store.StoreException;

/**
 * A request for a manifest or a blob.
 *
 * @param exchange to be answered
 * @param kind what is asked for
 * @param key its name in the cluster: a tagged name or a digest
 * @param digest its digest; null when a tag was named
 * @param name what it was called, by tag or by digest; null when no registry was named
 */
record ContentRequest(
    HttpExchange exchange,
    Kind kind,
    String key,
    @Nullable Digest digest,
    @Nullable Reference name) {
  private static final Logger log = LoggerFactory.getLogger(ContentRequest.class);
  private static final String MIRRORED_HEADER = "X-Spegel-Mirrored";

  /** What can be asked for, with the error for what is not there. */
  enum Kind {
    MANIFEST(Code.MANIFEST_UNKNOWN),
    BLOB(Code.BLOB_UNKNOWN);

    private final Code unknown;

    Kind(Code unknown) {
      this.unknown = unknown;
    }

    Code unknown() {
      return unknown;
    }
  }

  /** For what a tag points to. */
  static ContentRequest ofTag(HttpExchange exchange, Reference tagged) {
    return new ContentRequest(exchange, Kind.MANIFEST, tagged.taggedName(), null, tagged);
  }

  /**
   * For content by digest.
   *
   * @param registry the host of its registry; null when none was named
   */
  static ContentRequest ofDigest(
      HttpExchange exchange, Kind kind, String path, Digest digest, @Nullable String registry) {
    Reference name =
        registry == null ? null : new Reference(new Repository(registry, path), null, digest);
    return new ContentRequest(exchange, kind, digest.toString(), digest, name);
  }

  /** The host of the registry that was named; empty when none was. */
  String registry() {
    return name == null ? "" : name.repository().registry();
  }

  /** Goes on in a virtual thread; content that cannot be read is our fault and an answer. */
  void runBlocking(Runnable rest) {
    exchange.runBlocking(
        same -> {
          try {
            rest.run();
          } catch (StoreException e) {
            log.atWarn()
                .addKeyValue("key", key)
                .addKeyValue("error", e.getMessage())
                .log("cannot read content");
            RegistryAnswers.error(exchange, new RegistryError(Code.UNKNOWN, "cannot read " + key));
          }
        });
  }

  /** Whether another node asks, which wants to hear of what is here and of nothing else. */
  boolean isFromPeer() {
    return isFromPeer(exchange);
  }

  static boolean isFromPeer(HttpExchange exchange) {
    return exchange.header(MIRRORED_HEADER).filter("true"::equals).isPresent();
  }
}
