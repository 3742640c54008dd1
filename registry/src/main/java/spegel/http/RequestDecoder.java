package spegel.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one request at a time: while its connection is busy with one, what follows it stays
 * bytes, and nobody reads more of them.
 */
final class RequestDecoder extends HttpRequestDecoder {
  /**
   * A busy connection does not read, but Netty empties the socket when the client ends its side;
   * what is more than this is a client that does not wait for answers.
   */
  private static final int MAX_HELD_BYTES = 64 * 1024;

  private final HttpConnection connection;
  private @Nullable ByteBuf held;
  private boolean decoding;
  private @Nullable ChannelHandlerContext context;

  RequestDecoder(HttpConnection connection) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(RequestRules.MAX_INITIAL_LINE_BYTES)
            .setMaxHeaderSize(RequestRules.MAX_HEADER_BYTES)
            .setInitialBufferSize(256)
            .setAllowDuplicateContentLengths(false)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true));
    this.connection = connection;
    setSingleDecode(true);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!connection.wants(bytes.readableBytes())) {
      bytes.release();
    } else if (connection.isBusy() || decoding) {
      hold(ctx, bytes);
    } else {
      decode(ctx, bytes);
    }
  }

  /** Whether it is at work further up the stack, and looks for the next request by itself. */
  boolean isDecoding() {
    return decoding;
  }

  /** Goes on with the bytes that came while the connection was busy. */
  void resume() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      decode(ctx, Unpooled.EMPTY_BUFFER);
    }
  }

  /** Decodes step by step until a request makes the connection busy, or bytes are missing. */
  private void decode(ChannelHandlerContext ctx, ByteBuf bytes) {
    decoding = true;
    try {
      ByteBuf next = bytes;
      while (true) {
        int before = actualReadableBytes() + next.readableBytes();
        if (before > 0 && !connection.wants(before)) {
          next.release();
          return;
        }
        super.channelRead(ctx, next);
        boolean stuck = actualReadableBytes() == before;
        if (connection.isBusy()) {
          return;
        }
        ByteBuf more = held;
        held = null;
        if (more == null && (stuck || actualReadableBytes() == 0)) {
          return;
        }
        next = more == null ? Unpooled.EMPTY_BUFFER : more;
      }
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    } finally {
      decoding = false;
    }
  }

  private void hold(ChannelHandlerContext ctx, ByteBuf bytes) {
    ByteBuf before = held;
    int sum = bytes.readableBytes() + (before == null ? 0 : before.readableBytes());
    if (sum > MAX_HELD_BYTES) {
      bytes.release();
      connection.abort();
    } else {
      held = before == null ? bytes : MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      connection.inputEnded();
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
    ByteBuf rest = held;
    held = null;
    if (rest != null) {
      rest.release();
    }
    super.handlerRemoved0(ctx);
  }
}
