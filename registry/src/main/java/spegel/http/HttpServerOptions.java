package spegel.http;

import java.nio.charset.StandardCharsets;

/**
 * What a server is to be.
 *
 * @param name names its threads and its lines in the log
 * @param address where it listens
 * @param eventLoops threads for everything but the bodies of files
 * @param bodyEventLoops threads for the bodies of files, whose disk may be slow; with 0 they share
 *     the others
 * @param maxConnections connections that are served
 * @param maxOverflowConnections connections beyond those that are read for one request, which
 *     {@code overflow} answers; further ones are closed at once
 * @param overflow answers one request of each overflow connection; called on an event loop
 * @param timeouts how long a connection may take
 * @param observer hears of requests
 */
public record HttpServerOptions(
    String name,
    ListenAddress address,
    int eventLoops,
    int bodyEventLoops,
    int maxConnections,
    int maxOverflowConnections,
    HttpHandler overflow,
    HttpTimeouts timeouts,
    HttpObserver observer) {
  private static final byte[] BUSY = "too many connections\n".getBytes(StandardCharsets.US_ASCII);
  private static final HttpFields BUSY_FIELDS =
      HttpFields.of("Content-Type", "text/plain; charset=utf-8").with("Retry-After", "1");

  public HttpServerOptions {
    if (eventLoops < 1 || bodyEventLoops < 0 || maxConnections < 1 || maxOverflowConnections < 0) {
      throw new IllegalArgumentException("server " + name + ": a number is out of range");
    }
  }

  /**
   * A small server: one event loop, 256 connections, 16 overflow connections that are answered 503,
   * the default time-outs, no observer.
   */
  public static HttpServerOptions of(String name, ListenAddress address) {
    return new HttpServerOptions(
        name,
        address,
        1,
        0,
        256,
        16,
        exchange -> exchange.respond(503, BUSY_FIELDS, BUSY),
        HttpTimeouts.DEFAULT,
        HttpObserver.NONE);
  }

  /** The same with other numbers of event loops. */
  public HttpServerOptions withEventLoops(int loops, int bodyLoops) {
    return new HttpServerOptions(
        name,
        address,
        loops,
        bodyLoops,
        maxConnections,
        maxOverflowConnections,
        overflow,
        timeouts,
        observer);
  }

  /** The same with other bounds for connections, and an answer for those beyond. */
  public HttpServerOptions withConnections(int max, int maxOverflow, HttpHandler answer) {
    return new HttpServerOptions(
        name, address, eventLoops, bodyEventLoops, max, maxOverflow, answer, timeouts, observer);
  }

  /** The same with other time-outs. */
  public HttpServerOptions withTimeouts(HttpTimeouts other) {
    return new HttpServerOptions(
        name,
        address,
        eventLoops,
        bodyEventLoops,
        maxConnections,
        maxOverflowConnections,
        overflow,
        other,
        observer);
  }

  /** The same with an observer. */
  public HttpServerOptions withObserver(HttpObserver other) {
    return new HttpServerOptions(
        name,
        address,
        eventLoops,
        bodyEventLoops,
        maxConnections,
        maxOverflowConnections,
        overflow,
        timeouts,
        other);
  }
}
