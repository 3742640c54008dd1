package spegel.registry;

import org.jspecify.annotations.Nullable;
import spegel.http.HttpExchange;
import spegel.oci.Digest;

/**
 * Conditional requests (RFC 9110, section 13). The digest is the strong validator: content never
 * changes under it.
 */
final class Preconditions {
  private static final String WEAK = "W/";

  private Preconditions() {}

  /** The value of the {@code ETag} field. */
  static String entityTag(Digest digest) {
    return "\"" + digest + "\"";
  }

  /** Whether the client says that it has the content: then the answer is 304. */
  static boolean isNotModified(HttpExchange exchange, Digest digest) {
    String condition = exchange.header("If-None-Match").orElse(null);
    if (condition == null) {
      return false;
    }
    String wanted = entityTag(digest);
    for (String tag : condition.split(",", -1)) {
      String stripped = tag.strip();
      if (stripped.equals("*")
          || stripped.equals(wanted)
          || (stripped.startsWith(WEAK) && stripped.substring(WEAK.length()).equals(wanted))) {
        return true;
      }
    }
    return false;
  }

  /** The {@code Range} that counts: none when {@code If-Range} names other content, or a date. */
  static @Nullable String range(HttpExchange exchange, Digest digest) {
    String condition = exchange.header("If-Range").orElse(null);
    if (condition != null && !condition.strip().equals(entityTag(digest))) {
      return null;
    }
    return exchange.header("Range").orElse(null);
  }
}
