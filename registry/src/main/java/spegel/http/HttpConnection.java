package spegel.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted connection.
 *
 * <pre>
 *  IDLE ──byte──▶ RECEIVING ──request──▶ HANDLING ──answer──▶ SENDING ──sent──▶ IDLE
 *   │                 │                     │                    │
 *   └────time-out─────┴─────────cut─────────┴─────last, cut──────┴──▶ LINGERING ──▶ CLOSED
 * </pre>
 *
 * <p>Its state belongs to the channel's event loop: the home loop, and while a body from a file or
 * a stream is sent, the loop of that; the channel is home again before the next request is decoded.
 *
 * <p>LINGERING is the clean end: our side is shut down (a FIN after the last byte), what the client
 * still sends is read and dropped until its own end, and only then the socket is closed. Closing
 * with unread bytes would send a RST, which can destroy what the client has not read yet.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final long NEVER_MILLIS = TimeUnit.DAYS.toMillis(365);
  private static final int MAX_LINGER_BYTES = 1024 * 1024;

  private enum State {
    IDLE,
    RECEIVING,
    HANDLING,
    SENDING,
    LINGERING,
    CLOSED
  }

  private final Connections connections;
  private final SocketChannel channel;
  private final EventLoop home;
  private final boolean overflow;
  private final RequestDecoder decoder;
  private final SendQueue sendQueue;

  /**
   * The channel and the virtual threads at its requests. The connection keeps its place until all
   * are gone: clients that give up and come back cannot pile up threads that wait for a disk.
   */
  private final AtomicInteger users = new AtomicInteger(1);

  /** Whether it was asked to make room. */
  private final AtomicBoolean evicted = new AtomicBoolean();

  /** Written by the loop alone. */
  private volatile State state = State.RECEIVING;

  private @Nullable ServerExchange exchange;
  private @Nullable AnswerSender sender;
  private boolean closeAfter;
  private boolean inputEnded;
  private boolean moving;
  private long requestBodyBytes;
  private long lingerBytes;
  private long progressBytes;

  /** In {@link System#nanoTime}; also read by the ticker. */
  private volatile long deadlineNanos;

  HttpConnection(Connections connections, SocketChannel channel, boolean overflow) {
    this.connections = connections;
    this.channel = channel;
    this.home = channel.eventLoop();
    this.overflow = overflow;
    this.decoder = new RequestDecoder(this);
    this.sendQueue = new SendQueue(connections.largeSendQueues(), channel);
    deadlineIn(connections.timeouts().headMillis());
  }

  /** Takes the channel's events from now on. */
  void open() {
    channel.pipeline().addLast(decoder, this);
    channel.closeFuture().addListener(closed -> closed());
  }

  InetSocketAddress remoteAddress() {
    return channel.remoteAddress();
  }

  HttpObserver observer() {
    return connections.observer();
  }

  private void deadlineIn(long millis) {
    deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  // Receiving.

  /** Whether a request is being handled or answered, or none will be any more. */
  boolean isBusy() {
    return state != State.IDLE && state != State.RECEIVING;
  }

  /** Notes that bytes came; whether they are of any use. */
  boolean wants(int bytes) {
    if (state == State.IDLE) {
      state = State.RECEIVING;
      deadlineIn(connections.timeouts().headMillis());
    } else if (state == State.LINGERING) {
      lingerBytes += bytes;
      if (lingerBytes > MAX_LINGER_BYTES) {
        abort();
      }
    }
    return state != State.LINGERING
        && state != State.CLOSED
        && !(state == State.SENDING && closeAfter);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpRequest head && state == State.RECEIVING) {
        receive(head);
      }
      if (message instanceof HttpContent content && state == State.RECEIVING) {
        receive(content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void receive(HttpRequest head) {
    int refusal = RequestRules.refusal(head);
    if (refusal != RequestRules.ACCEPTED) {
      refuse(refusal);
      return;
    }
    exchange = new ServerExchange(this, head);
    requestBodyBytes = 0;
    if (HttpUtil.is100ContinueExpected(head)) {
      var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
    }
  }

  private void receive(HttpContent content) {
    requestBodyBytes += content.content().readableBytes();
    ServerExchange current = exchange;
    if (current == null || content.decoderResult().isFailure()) {
      refuse(400);
    } else if (requestBodyBytes > RequestRules.MAX_BODY_BYTES) {
      refuse(413);
    } else if (content instanceof LastHttpContent) {
      dispatch(current);
    }
  }

  /** Answers what is not a request, and ends the connection. */
  private void refuse(int status) {
    exchange = null;
    closeAfter = true;
    send(Answer.ofStatus(status), false);
  }

  void inputEnded() {
    inputEnded = true;
    if (!isBusy() || state == State.LINGERING) {
      abort();
    }
  }

  // Handling.

  private void dispatch(ServerExchange current) {
    state = State.HANDLING;
    current.run(overflow ? connections.overflow() : connections.handler());
    if (state == State.HANDLING) {
      deadlineIn(NEVER_MILLIS);
    }
    if (state == State.HANDLING || state == State.SENDING) {
      channel.config().setAutoRead(false);
    }
  }

  /** Runs on a virtual thread; when there are none any more, the request has no answer. */
  void runBlocking(Runnable task) {
    users.incrementAndGet();
    try {
      connections
          .workers()
          .execute(
              () -> {
                try {
                  task.run();
                } finally {
                  release();
                }
              });
    } catch (RejectedExecutionException e) {
      log.atDebug().log("request dropped: the server is closed");
      release();
      abort();
    }
  }

  private void release() {
    if (users.decrementAndGet() == 0) {
      connections.remove(this);
    }
  }

  /** Takes a request's answer; from any thread. */
  void answer(ServerExchange from, Answer answer) {
    EventLoop loop = channel.eventLoop();
    if (loop.inEventLoop()) {
      send(from, answer);
      return;
    }
    try {
      loop.execute(() -> send(from, answer));
    } catch (RejectedExecutionException e) {
      answer.body().close();
    }
  }

  private void send(ServerExchange from, Answer answer) {
    if (from != exchange || state != State.HANDLING) {
      answer.body().close();
      return;
    }
    closeAfter = overflow || !from.isKeepAlive() || connections.isDraining();
    send(answer, from.isHead());
  }

  // Sending.

  private void send(Answer answer, boolean headOnly) {
    state = State.SENDING;
    progressBytes = 0;
    deadlineIn(connections.timeouts().stallMillis());
    AnswerSender next = new AnswerSender(channel, answer, headOnly, this::sent);
    sender = next;
    EventLoop bodyLoop = next.stream().map(BodyStream::loop).orElse(null);
    if (next.readsFile()) {
      bodyLoop = connections.nextBodyLoop();
    }
    if (next.readsFile() || bodyLoop != null) {
      sendQueue.begin();
    }
    if (bodyLoop != null) {
      channel.config().setAutoRead(false);
      moveTo(bodyLoop, () -> next.start(closeAfter));
    } else {
      next.start(closeAfter);
    }
  }

  private void moveTo(EventLoop target, Runnable then) {
    moving = true;
    LoopMove.begin(
        channel,
        target,
        () -> {
          moving = false;
          if (connections.isCut()) {
            linger();
          } else {
            then.run();
          }
        });
  }

  private void sent(@Nullable Throwable failure) {
    if (state != State.SENDING) {
      return;
    }
    if (failure != null) {
      // Of a half-closed socket whose buffer is full, Netty's epoll cannot wait to be writable: it
      // has taken the socket out of the set, and fails to change what it waits for.
      if (!inputEnded && !ConnectionErrors.isClientGone(failure)) {
        log.atWarn()
            .addKeyValue("path", exchange == null ? "" : exchange.path())
            .addKeyValue("error", String.valueOf(ConnectionErrors.root(failure).getMessage()))
            .log("answer cut short");
      }
      linger();
      return;
    }
    end(true);
    if (closeAfter) {
      linger();
    } else if (home.inEventLoop()) {
      ready();
    } else {
      moveTo(home, this::ready);
    }
  }

  /** Tells of the end of the answer, or of the request without one. */
  private void end(boolean complete) {
    AnswerSender sent = sender;
    ServerExchange ended = exchange;
    sender = null;
    exchange = null;
    sendQueue.end();
    if (sent != null) {
      sent.answer().body().close();
    }
    if (ended != null) {
      ended.ended(
          sent == null ? HttpOutcome.NO_STATUS : sent.answer().status(),
          sent == null ? 0 : sent.bodyBytes(),
          complete);
    }
  }

  private void ready() {
    deadlineIn(connections.timeouts().idleMillis());
    evicted.set(false);
    state = State.IDLE;
    if (connections.isDraining()) {
      linger();
      return;
    }
    if (decoder.isDecoding()) {
      return;
    }
    decoder.resume();
    if (!isBusy()) {
      if (inputEnded) {
        abort();
      } else {
        channel.config().setAutoRead(true);
      }
    }
  }

  // Ending.

  /** Ends our side after what is written, and waits for the client to end its own. */
  private void linger() {
    if (state == State.LINGERING || state == State.CLOSED || stopStream(this::linger)) {
      return;
    }
    state = State.LINGERING;
    end(false);
    deadlineIn(connections.timeouts().lingerMillis());
    channel
        .shutdownOutput()
        .addListener(
            shut -> {
              if (inputEnded || !shut.isSuccess()) {
                abort();
              } else {
                channel.config().setAutoRead(true);
              }
            });
  }

  /** Closes as soon as no stream uses the channel; from any thread. */
  void abort() {
    EventLoop loop = channel.eventLoop();
    if (!loop.inEventLoop()) {
      try {
        loop.execute(this::abort);
        return;
      } catch (RejectedExecutionException e) {
        log.atDebug().log("event loop is closed");
      }
    } else if (stopStream(this::abort)) {
      return;
    }
    var _ = channel.close();
  }

  private boolean stopStream(Runnable then) {
    return sender != null && sender.stop(then);
  }

  private void closed() {
    state = State.CLOSED;
    end(false);
    deadlineIn(NEVER_MILLIS);
    release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.atError().setCause(cause).log("connection failed");
    }
    abort();
  }

  /** Asks the event loop to look at the deadline when it has passed; from any thread. */
  void tick(long nowNanos) {
    if (nowNanos - deadlineNanos >= 0) {
      onLoop(this::expire);
    }
  }

  /** For how long it has been idle; 0 when it is not, or makes room already. */
  long idleNanos(long nowNanos) {
    if (state != State.IDLE || evicted.get()) {
      return 0;
    }
    long leftNanos = deadlineNanos - nowNanos;
    return TimeUnit.MILLISECONDS.toNanos(connections.timeouts().idleMillis()) - leftNanos;
  }

  /** Makes room, if it is still idle when its loop comes to that; false when it does already. */
  boolean evict() {
    if (!evicted.compareAndSet(false, true)) {
      return false;
    }
    onLoop(
        () -> {
          if (state == State.IDLE) {
            linger();
          } else {
            evicted.set(false);
          }
        });
    return true;
  }

  /** The server closes: an idle connection ends now, a busy one after its answer. */
  void drain() {
    onLoop(
        () -> {
          if (state == State.IDLE) {
            linger();
          }
        });
  }

  /** The server has waited long enough: whatever this does, it ends now. */
  void cut() {
    onLoop(this::linger);
  }

  /**
   * Runs the task on the connection's loop. A connection that is moving looks at the server's state
   * by itself when it arrives, and at its deadline with the next tick.
   */
  private void onLoop(Runnable task) {
    EventLoop loop = channel.eventLoop();
    try {
      loop.execute(
          () -> {
            if (!moving && channel.eventLoop().inEventLoop()) {
              task.run();
            }
          });
    } catch (RejectedExecutionException e) {
      log.atDebug().log("event loop is closed");
    }
  }

  private void expire() {
    if (System.nanoTime() - deadlineNanos < 0) {
      return;
    }
    AnswerSender current = sender;
    if (state == State.LINGERING) {
      abort();
    } else if (current != null && current.progressBytes() > progressBytes) {
      progressBytes = current.progressBytes();
      deadlineIn(connections.timeouts().stallMillis());
    } else {
      linger();
    }
  }
}
