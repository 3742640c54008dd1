package spegel.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one answer piece by piece, the next when the one before is with the network, so that a
 * slow reader holds one piece of memory. Each piece but the first is written in a task of its own:
 * connections of one loop take turns. Lives on the channel's event loop.
 */
final class AnswerSender {
  private final SocketChannel channel;
  private final Answer answer;
  private final boolean withBody;
  private final Consumer<@Nullable Throwable> end;
  private long headBytes;
  private long writtenBytes;

  /** Whether the channel is the stream's. */
  private boolean streaming;

  private @Nullable Runnable onStopped;

  /**
   * @param headOnly whether the request was HEAD
   * @param end called once when the answer is written, with null, or cannot be, with the reason
   */
  AnswerSender(
      SocketChannel channel, Answer answer, boolean headOnly, Consumer<@Nullable Throwable> end) {
    this.channel = channel;
    this.answer = answer;
    this.withBody = !headOnly && !answer.isWithoutContent() && answer.body().remaining() > 0;
    this.end = end;
  }

  Answer answer() {
    return answer;
  }

  /** Whether the bytes come from a file, which may make the event loop wait. */
  boolean readsFile() {
    return withBody && answer.body() instanceof AnswerBody.InFile;
  }

  /** The stream that the bytes come from, when they do. */
  Optional<BodyStream> stream() {
    return withBody && answer.body() instanceof AnswerBody.Streamed(BodyStream stream)
        ? Optional.of(stream)
        : Optional.empty();
  }

  /** Bytes that the network has taken. */
  long progressBytes() {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return writtenBytes
        + (pending == null ? 0 : pending.currentProgress())
        + stream().map(BodyStream::sentBytes).orElse(0L);
  }

  /** Bytes of the body that the network has taken. */
  long bodyBytes() {
    return Math.max(0, progressBytes() - headBytes);
  }

  /** Begins; with {@code close}, the head says that no other answer follows. */
  void start(boolean close) {
    if (withBody && answer.body() instanceof AnswerBody.InMemory memory) {
      ByteBuf head = answer.head(channel.alloc(), close, memory.pieceBytes());
      headBytes = head.readableBytes();
      memory.addPiece(head);
      write(head, head.readableBytes());
    } else {
      ByteBuf head = answer.head(channel.alloc(), close, 0);
      headBytes = head.readableBytes();
      write(head, headBytes);
    }
  }

  /**
   * Ends the body when it is a stream that has begun: the channel is the stream's until then.
   *
   * @param then called on the loop when the channel is free; the answer's end is not told
   * @return whether there was such a stream
   */
  boolean stop(Runnable then) {
    if (streaming) {
      onStopped = then;
      answer.body().close();
      return true;
    }
    return false;
  }

  private void stream(BodyStream stream) {
    streaming = true;
    stream.start(channel, this::streamed);
  }

  private void streamed(@Nullable Throwable failure) {
    streaming = false;
    if (onStopped != null) {
      onStopped.run();
    } else {
      end.accept(failure);
    }
  }

  private void next(AnswerBody.Pieces body) {
    Object piece;
    try {
      piece = body.next(channel.alloc());
    } catch (IOException e) {
      end.accept(e);
      return;
    }
    write(
        piece,
        piece instanceof FileRegion region ? region.count() : ((ByteBuf) piece).readableBytes());
  }

  private void write(Object piece, long bytes) {
    long startNanos = System.nanoTime();
    ChannelFuture written = channel.writeAndFlush(piece);
    if (piece instanceof FileRegion && answer.body() instanceof AnswerBody.InFile file) {
      file.took(System.nanoTime() - startNanos);
    }
    if (written.isDone()) {
      written(written, bytes);
    } else {
      written.addListener(done -> written(written, bytes));
    }
  }

  private void written(ChannelFuture written, long bytes) {
    if (!written.isSuccess()) {
      end.accept(written.cause());
      return;
    }
    writtenBytes += bytes;
    if (!withBody || answer.body().remaining() == 0) {
      end.accept(null);
      return;
    }
    switch (answer.body()) {
      case AnswerBody.Streamed(BodyStream stream) ->
          channel.eventLoop().execute(() -> stream(stream));
      case AnswerBody.Pieces pieces -> channel.eventLoop().execute(() -> next(pieces));
    }
  }
}
