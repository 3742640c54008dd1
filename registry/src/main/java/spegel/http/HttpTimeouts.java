package spegel.http;

/**
 * How long a connection may take over what. All in milliseconds, positive.
 *
 * @param headMillis from a request's first byte, or from the connection's acceptance, to the
 *     request's last byte
 * @param idleMillis from an answer to the next request's first byte
 * @param stallMillis without a byte of an answer being taken by the client's side
 * @param lingerMillis from our end of a connection to the client's
 */
public record HttpTimeouts(long headMillis, long idleMillis, long stallMillis, long lingerMillis) {

  /**
   * Idle is longer than the 90 s after which Go's client ends an idle connection, so that the end
   * comes from the client and no request meets a connection that is closing.
   */
  public static final HttpTimeouts DEFAULT = new HttpTimeouts(10_000, 120_000, 60_000, 2_000);

  public HttpTimeouts {
    if (headMillis <= 0 || idleMillis <= 0 || stallMillis <= 0 || lingerMillis <= 0) {
      throw new IllegalArgumentException("time-outs are positive");
    }
  }

  long shortestMillis() {
    return Math.min(Math.min(headMillis, idleMillis), Math.min(stallMillis, lingerMillis));
  }
}
