package spegel.http;

import java.net.InetSocketAddress;
import java.util.Optional;
import spegel.store.Blob;

/**
 * One request and its one answer. The answer's length is always known and always sent; for HEAD the
 * server sends the head that GET would have had, and no body.
 */
public interface HttpExchange {

  /** The request's method as it was sent: a token, upper and lower case distinct. */
  String method();

  /** The target's path as it was sent, percent-encoding included; begins with {@code /}. */
  String path();

  /** What follows the first {@code ?} of the target, as it was sent; empty when there is none. */
  String query();

  /** The first value of the request's field of this name, which is compared without case. */
  Optional<String> header(String name);

  /** Who asks. */
  InetSocketAddress remoteAddress();

  /**
   * Whether the answer has been sent, or will not be. Its observer hears of the end after this has
   * become true: who takes something for a request until its end looks here when it is taken.
   */
  boolean isOver();

  /**
   * Says which route this request takes, a fixed name such as {@code /v2/*}; the server's {@link
   * HttpObserver} hears of requests that have one. Called at most once, before the answer.
   */
  void route(String route);

  /**
   * Answers with bytes, which must not change afterwards. Never blocks.
   *
   * @param status 200 to 599
   * @throws IllegalStateException when the request is already answered
   */
  void respond(int status, HttpFields fields, byte[] body);

  /**
   * Answers with a range of a blob, which is closed when it is sent, or cannot be. Never blocks.
   *
   * @param status 200 to 599
   * @param offset the first byte to send
   * @param length bytes to send; offset + length is at most the blob's size
   * @throws IllegalStateException when the request is already answered
   */
  void respond(int status, HttpFields fields, Blob blob, long offset, long length);

  /**
   * Answers with bytes that come while they are sent. The stream is cancelled when they cannot be.
   * Never blocks.
   *
   * @param status 200 to 599
   * @throws IllegalStateException when the request is already answered
   */
  void respond(int status, HttpFields fields, BodyStream body);

  /**
   * Goes on in a virtual thread of the server's, in which the rest may wait. The calling handler
   * returns without an answer.
   */
  void runBlocking(HttpHandler rest);
}
