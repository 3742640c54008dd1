package spegel.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.store.Blob;

/** One request of a connection. The answer may come from any thread, once. */
final class ServerExchange implements HttpExchange {
  private static final Logger log = LoggerFactory.getLogger(ServerExchange.class);

  /** RFC 9110, section 9.3, and RFC 5789: the methods that a metric's label may name. */
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  private final HttpConnection connection;
  private final HttpRequest request;
  private final String path;
  private final String query;
  private final boolean keepAlive;
  private final long startNanos = System.nanoTime();
  private final AtomicBoolean answered = new AtomicBoolean();

  /** Handlers that have not returned yet: one, and one for each {@link #runBlocking}. */
  private final AtomicInteger running = new AtomicInteger();

  private volatile @Nullable String route;
  private volatile boolean over;

  ServerExchange(HttpConnection connection, HttpRequest request) {
    this.connection = connection;
    this.request = request;
    String target = RequestRules.originForm(request.uri());
    int mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.substring(0, mark);
    this.query = mark < 0 ? "" : target.substring(mark + 1);
    this.keepAlive =
        request.protocolVersion().isKeepAliveDefault() && HttpUtil.isKeepAlive(request);
  }

  @Override
  public String method() {
    return request.method().name();
  }

  boolean isHead() {
    return HttpMethod.HEAD.equals(request.method());
  }

  /** Whether another request may follow: not after HTTP/1.0, whose clients need not know how. */
  boolean isKeepAlive() {
    return keepAlive;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String query() {
    return query;
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(request.headers().get(name));
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public void route(String name) {
    if (route != null) {
      throw new IllegalStateException("the request has a route already");
    }
    route = name;
    connection.observer().requestStarted(name);
  }

  @Override
  public void respond(int status, HttpFields fields, byte[] body) {
    answer(new Answer(status, fields, AnswerBody.of(body)));
  }

  @Override
  public void respond(int status, HttpFields fields, Blob blob, long offset, long length) {
    answer(new Answer(status, fields, AnswerBody.of(blob, offset, length)));
  }

  @Override
  public void respond(int status, HttpFields fields, BodyStream body) {
    answer(new Answer(status, fields, AnswerBody.of(body)));
  }

  @Override
  public void runBlocking(HttpHandler rest) {
    running.incrementAndGet();
    connection.runBlocking(() -> runCounted(rest));
  }

  /** Calls the handler and sees to it that there is an answer when the last one has returned. */
  void run(HttpHandler handler) {
    running.incrementAndGet();
    runCounted(handler);
  }

  private void runCounted(HttpHandler handler) {
    try {
      handler.handle(this);
    } catch (RuntimeException | Error e) {
      log.atError().setCause(e).addKeyValue("route", route).log("request failed");
      fail();
    }
    if (running.decrementAndGet() == 0 && fail()) {
      log.atError().addKeyValue("route", route).log("request was not answered");
    }
  }

  /** Answers 500 when nobody has answered; returns whether that was so. */
  private boolean fail() {
    boolean first = answered.compareAndSet(false, true);
    if (first) {
      connection.answer(this, Answer.ofStatus(500));
    }
    return first;
  }

  private void answer(Answer answer) {
    if (!answered.compareAndSet(false, true)) {
      answer.body().close();
      throw new IllegalStateException("the request is answered already");
    }
    connection.answer(this, answer);
  }

  /** Tells the observer, when the request had a route. */
  void ended(int status, long bodyBytes, boolean complete) {
    over = true;
    String taken = route;
    if (taken != null) {
      String method = METHODS.contains(method()) ? method() : "other";
      long nanos = System.nanoTime() - startNanos;
      connection
          .observer()
          .requestEnded(this, new HttpOutcome(taken, method, status, bodyBytes, nanos, complete));
    }
  }
}
