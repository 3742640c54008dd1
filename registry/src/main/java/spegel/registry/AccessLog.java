package spegel.registry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import spegel.http.HttpExchange;
import spegel.http.HttpObserver;
import spegel.http.HttpOutcome;

/** A line for each request, for those who look for it, and a word to the next observer. */
final class AccessLog implements HttpObserver {
  private static final Logger log = LoggerFactory.getLogger(AccessLog.class);
  private static final int MAX_PATH_CHARS = 256;
  private static final double NANOS_PER_SECOND = 1e9;

  private final HttpObserver next;

  AccessLog(HttpObserver next) {
    this.next = next;
  }

  @Override
  public void requestStarted(String route) {
    next.requestStarted(route);
  }

  @Override
  public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
    if (log.isEnabledForLevel(Level.DEBUG)) {
      String path = exchange.path();
      log.atDebug()
          .addKeyValue("method", outcome.method())
          // Visible ASCII: a target of anything else has been refused.
          .addKeyValue("path", path.substring(0, Math.min(path.length(), MAX_PATH_CHARS)))
          .addKeyValue("status", outcome.status())
          .addKeyValue("bytes", outcome.bodyBytes())
          .addKeyValue("seconds", outcome.nanos() / NANOS_PER_SECOND)
          .addKeyValue("complete", outcome.complete())
          .addKeyValue("peer", ContentRequest.isFromPeer(exchange))
          .addKeyValue("remote", exchange.remoteAddress())
          .log("request");
    }
    next.requestEnded(exchange, outcome);
  }
}
