package spegel.http;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer that comes from elsewhere while it is sent, such as another node. Its bytes
 * go to the client's socket without the server's touching them.
 */
public interface BodyStream {

  /** Bytes of the body; known from the start, since an answer's length is always sent. */
  long length();

  /** The event loop that moves the bytes; the client's channel is moved there first. */
  EventLoop loop();

  /**
   * Begins to send, on {@link #loop}. The head has been written, nothing waits to be, and the
   * channel does not read by itself.
   */
  void start(SocketChannel client, End end);

  /** Bytes that the client's socket has taken so far; from any thread. */
  long sentBytes();

  /**
   * Ends it, begun or not, and lets go of what is behind it; from any thread, any number of times.
   * When it had begun, {@code End} hears of it on the loop, once the client's channel is the
   * server's again.
   */
  void cancel();

  /** Hears, once and on the loop, that the client's channel is the server's again. */
  @FunctionalInterface
  interface End {

    /**
     * The body has ended.
     *
     * @param failure null when all was sent; else why the rest will not be: the connection is then
     *     to be ended after what was sent
     */
    void ended(@Nullable Throwable failure);
  }
}
