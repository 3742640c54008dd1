package spegel.peer;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The socket of a client's channel that stays registered: a selector that is asked twice for one
 * socket looks for events outside its turn, and Netty does not see them. When the socket is full, a
 * small piece is left to the channel, which knows when there is room again.
 */
final class NioClientSocket extends LoopSocket {
  private static final int PIECE_BYTES = 4 * 1024;

  private final NioSocketChannel channel;
  private final SocketChannel socket;
  private @Nullable ChannelFuture left;
  private int leftBytes;

  NioClientSocket(NioSocketChannel channel) {
    this.channel = channel;
    this.socket = (SocketChannel) channel.unsafe().ch();
  }

  @Override
  boolean finishConnect() {
    return true;
  }

  @Override
  int read(ByteBuffer into) {
    throw new UnsupportedOperationException("clients are written to");
  }

  @Override
  int write(ByteBuffer from) throws IOException {
    if (left == null) {
      int bytes = socket.write(from);
      if (bytes > 0) {
        return bytes;
      }
      leave(from);
    }
    return taken(from);
  }

  private void leave(ByteBuffer from) {
    leftBytes = Math.min(from.remaining(), PIECE_BYTES);
    ChannelFuture written =
        channel.writeAndFlush(Unpooled.copiedBuffer(from.slice(from.position(), leftBytes)));
    left = written;
    if (!written.isDone()) {
      written.addListener(done -> ready());
    }
  }

  /** What was left to the channel, when it is with the network. */
  private int taken(ByteBuffer from) throws IOException {
    ChannelFuture written = left;
    if (written == null || !written.isDone()) {
      return 0;
    }
    left = null;
    if (!written.isSuccess()) {
      throw new IOException("the client takes no more", written.cause());
    }
    from.position(from.position() + leftBytes);
    return leftBytes;
  }

  @Override
  boolean isBroken() {
    return !channel.isActive();
  }

  @Override
  void release() {
    onReady(() -> {});
  }

  @Override
  void close() {
    release();
  }
}
