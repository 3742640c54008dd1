package spegel.registry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.http.HttpExchange;
import spegel.oci.RegistryError;
import spegel.oci.RegistryError.Code;
import spegel.store.StoreException;

/**
 * A request for a manifest or a blob.
 *
 * @param exchange to be answered
 * @param kind what is asked for
 * @param key its name in the cluster: a tagged name or a digest
 * @param registry the host of the registry that was named; empty when none was
 */
record ContentRequest(HttpExchange exchange, Kind kind, String key, String registry) {
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
