package spegel.peer;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket in an epoll set, edge-triggered: told once of each change, so whoever reads or writes
 * goes on until there is nothing more, and nothing is told anew of what nobody wants now.
 */
final class EpollSocket extends LoopSocket implements EpollIoHandle {
  private static final Logger log = LoggerFactory.getLogger(EpollSocket.class);

  /** From the kernel's {@code eventpoll.h}; Netty does not name them all. */
  private static final int EPOLLERR = 0x008;

  private static final int EPOLLHUP = 0x010;
  private static final int EPOLLRDHUP = 0x2000;

  private static final EpollIoOps ALL =
      EpollIoOps.EPOLLIN
          .with(EpollIoOps.EPOLLOUT)
          .with(EpollIoOps.EPOLLRDHUP)
          .with(EpollIoOps.EPOLLET);

  private final FileDescriptor fd;
  private final boolean isChannels;
  private @Nullable IoRegistration registration;
  private boolean broken;
  private boolean mayHaveEnded;

  /**
   * @param isChannels whether the descriptor is a channel's, which closes it
   */
  private EpollSocket(FileDescriptor fd, boolean isChannels) {
    this.fd = fd;
    this.isChannels = isChannels;
  }

  static EpollSocket connect(IoEventLoop loop, InetSocketAddress address, int receiveBytes)
      throws IOException {
    LinuxSocket fd = LinuxSocket.newSocketStream();
    EpollSocket socket = new EpollSocket(fd, false);
    try {
      fd.setTcpNoDelay(true);
      fd.setReceiveBufferSize(receiveBytes);
      // Before it is watched: a socket that connects to nowhere counts as hung up.
      fd.connect(address);
      socket.watch(loop);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  /** The socket of a channel that is registered with no loop. */
  static EpollSocket of(IoEventLoop loop, FileDescriptor fd) throws IOException {
    EpollSocket socket = new EpollSocket(fd, true);
    socket.watch(loop);
    return socket;
  }

  private void watch(IoEventLoop loop) throws IOException {
    Future<IoRegistration> registered = loop.register(this);
    if (!registered.isSuccess()) {
      throw new IOException("the event loop does not take a socket", registered.cause());
    }
    IoRegistration taken = registered.getNow();
    registration = taken;
    taken.submit(ALL);
  }

  @Override
  public FileDescriptor fd() {
    return fd;
  }

  @Override
  public void handle(IoRegistration from, IoEvent event) {
    int told = ((EpollIoEvent) event).ops().value();
    broken |= (told & (EPOLLERR | EPOLLHUP)) != 0;
    mayHaveEnded |= (told & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;
    ready();
  }

  @Override
  boolean finishConnect() throws IOException {
    return ((LinuxSocket) open()).finishConnect();
  }

  /** The descriptor, whose number is nobody else's as long as it is open. */
  private FileDescriptor open() throws IOException {
    if (!fd.isOpen()) {
      throw new ClosedChannelException();
    }
    return fd;
  }

  @Override
  int read(ByteBuffer into) throws IOException {
    int bytes = open().read(into, into.position(), into.limit());
    if (bytes > 0) {
      into.position(into.position() + bytes);
    }
    return bytes;
  }

  @Override
  int write(ByteBuffer from) throws IOException {
    int bytes = open().write(from, from.position(), from.limit());
    from.position(from.position() + bytes);
    return bytes;
  }

  @Override
  boolean isBroken() {
    return broken;
  }

  /**
   * Whether it has been told that the other side has ended; a look at the socket tells for sure.
   */
  boolean mayHaveEnded() {
    return mayHaveEnded;
  }

  /**
   * Moves what is there into a pipe, by splice(2).
   *
   * @return bytes; 0 when there are none now, when the pipe is full, and at the end
   */
  int spliceTo(FileDescriptor pipe, long maxBytes) throws IOException {
    return Native.splice(open().intValue(), -1, pipe.intValue(), -1, maxBytes);
  }

  /**
   * Moves what finds room out of a pipe, by splice(2).
   *
   * @return bytes; 0 when there is no room now, and when the pipe is empty
   */
  int spliceFrom(FileDescriptor pipe, long maxBytes) throws IOException {
    return Native.splice(pipe.intValue(), -1, open().intValue(), -1, maxBytes);
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
    if (isChannels) {
      return;
    }
    try {
      fd.close();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("socket closed with an error");
    }
  }
}
