package spegel.http;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;

/**
 * The length of a body that is never sent: for the answer to HEAD.
 *
 * @param length bytes that GET would have
 */
public record UnsentBody(long length) implements BodyStream {

  @Override
  public EventLoop loop() {
    throw new IllegalStateException("a head has no body");
  }

  @Override
  public void start(SocketChannel client, End end) {
    throw new IllegalStateException("a head has no body");
  }

  @Override
  public long sentBytes() {
    return 0;
  }

  @Override
  public void cancel() {}
}
