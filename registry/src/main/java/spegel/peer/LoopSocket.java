package spegel.peer;

import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import spegel.http.Transport;

/**
 * A socket watched by an event loop, without a Netty channel around it: nothing is read before it
 * is asked for. Lives on that loop.
 */
abstract sealed class LoopSocket permits EpollSocket, NioSocket, NioClientSocket {
  private Runnable onReady = () -> {};

  /**
   * Begins to connect; {@link #finishConnect} tells how it went.
   *
   * @param receiveBytes what the kernel may hold of what is not read yet; it doubles that for its
   *     own book-keeping, and gives at most net.core.rmem_max
   * @throws IOException when it has failed already
   */
  static LoopSocket connect(
      IoEventLoop loop, Transport transport, InetSocketAddress address, int receiveBytes)
      throws IOException {
    return switch (transport) {
      case EPOLL -> EpollSocket.connect(loop, address, receiveBytes);
      case NIO -> NioSocket.connect(loop, address, receiveBytes);
    };
  }

  /**
   * The socket of a client's channel. One of epoll is registered with no loop meanwhile; one of NIO
   * stays where it is, and does not read by itself.
   *
   * @throws IOException when it cannot be watched
   */
  static LoopSocket of(IoEventLoop loop, SocketChannel channel) throws IOException {
    return switch (channel) {
      case EpollSocketChannel epoll -> EpollSocket.of(loop, epoll.fd());
      case NioSocketChannel nio -> new NioClientSocket(nio);
      default -> throw new IOException("not a socket that can be watched: " + channel);
    };
  }

  /**
   * Sets what is called when something may be possible that was not: a hint, which may be in vain.
   */
  final void onReady(Runnable task) {
    onReady = task;
  }

  /** Gives the hint. */
  final void ready() {
    onReady.run();
  }

  /**
   * Whether the connection stands now.
   *
   * @throws IOException when it cannot be made
   */
  abstract boolean finishConnect() throws IOException;

  /**
   * Reads what is there into a direct buffer.
   *
   * @return bytes; 0 when there are none now, and a hint follows when there are; -1 at the end
   */
  abstract int read(ByteBuffer into) throws IOException;

  /**
   * Writes what finds room from a direct buffer.
   *
   * @return bytes; 0 when there is no room now, and a hint follows when there is
   */
  abstract int write(ByteBuffer from) throws IOException;

  /**
   * Whether the connection is known to be broken, in both directions; as far as the transport tells
   * without reading or writing.
   */
  abstract boolean isBroken();

  /** Stops to watch the socket and leaves it open. */
  abstract void release();

  /** Stops to watch the socket, and closes it when it is no channel's. */
  abstract void close();
}
