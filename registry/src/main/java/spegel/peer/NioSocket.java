package spegel.peer;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoEvent;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoOps;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A socket of a selector, which is asked only for what was not possible at once. */
final class NioSocket extends LoopSocket implements NioIoHandle {
  private static final Logger log = LoggerFactory.getLogger(NioSocket.class);

  private final SocketChannel channel;
  private @Nullable IoRegistration registration;
  private NioIoOps wanted = NioIoOps.NONE;

  private NioSocket(SocketChannel channel) {
    this.channel = channel;
  }

  static NioSocket connect(IoEventLoop loop, InetSocketAddress address, int receiveBytes)
      throws IOException {
    NioSocket socket = new NioSocket(SocketChannel.open());
    try {
      socket.channel.configureBlocking(false);
      socket.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      socket.channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBytes);
      boolean connected = socket.channel.connect(address);
      socket.watch(loop);
      // A connection that stands at once is told by its being writable.
      socket.want(connected ? NioIoOps.WRITE : NioIoOps.CONNECT);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  private void watch(IoEventLoop loop) throws IOException {
    Future<IoRegistration> registered = loop.register(this);
    if (!registered.isSuccess()) {
      throw new IOException("the event loop does not take a socket", registered.cause());
    }
    registration = registered.getNow();
  }

  private void want(NioIoOps ops) throws IOException {
    IoRegistration taken = registration;
    if (taken == null || !taken.isValid()) {
      throw new ClosedChannelException();
    }
    if (!wanted.contains(ops)) {
      wanted = wanted.with(ops);
      taken.submit(wanted);
    }
  }

  @Override
  public SelectableChannel selectableChannel() {
    return channel;
  }

  @Override
  public void handle(IoRegistration from, IoEvent event) {
    wanted = wanted.without(((NioIoEvent) event).ops());
    from.submit(wanted);
    ready();
  }

  @Override
  boolean finishConnect() throws IOException {
    if (!channel.finishConnect()) {
      want(NioIoOps.CONNECT);
      return false;
    }
    // A selector that is asked when a connection will stand that stands does not rest.
    IoRegistration taken = registration;
    if (taken != null && wanted.contains(NioIoOps.CONNECT)) {
      wanted = wanted.without(NioIoOps.CONNECT);
      taken.submit(wanted);
    }
    return true;
  }

  @Override
  int read(ByteBuffer into) throws IOException {
    int bytes = channel.read(into);
    if (bytes == 0) {
      want(NioIoOps.READ);
    }
    return bytes;
  }

  @Override
  int write(ByteBuffer from) throws IOException {
    int bytes = channel.write(from);
    if (bytes == 0) {
      want(NioIoOps.WRITE);
    }
    return bytes;
  }

  @Override
  boolean isBroken() {
    return false;
  }

  @Override
  void release() {
    IoRegistration taken = registration;
    registration = null;
    if (taken != null) {
      taken.cancel();
    }
  }

  @Override
  public void close() {
    release();
    try {
      channel.close();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("socket closed with an error");
    }
  }
}
