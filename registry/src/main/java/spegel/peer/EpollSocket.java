package spegel.peer;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
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

  private static final EpollIoOps ALL =
      EpollIoOps.EPOLLIN
          .with(EpollIoOps.EPOLLOUT)
          .with(EpollIoOps.EPOLLRDHUP)
          .with(EpollIoOps.EPOLLET);

  private final FileDescriptor fd;
  private @Nullable IoRegistration registration;
  private boolean broken;

  private EpollSocket(FileDescriptor fd) {
    this.fd = fd;
  }

  static EpollSocket connect(IoEventLoop loop, InetSocketAddress address) throws IOException {
    LinuxSocket fd = LinuxSocket.newSocketStream();
    EpollSocket socket = new EpollSocket(fd);
    try {
      fd.setTcpNoDelay(true);
      // Before it is watched: a socket that connects to nowhere counts as hung up.
      fd.connect(address);
      socket.watch(loop);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  static EpollSocket of(IoEventLoop loop, FileDescriptor fd) throws IOException {
    EpollSocket socket = new EpollSocket(fd);
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
    if ((((EpollIoEvent) event).ops().value() & (EPOLLERR | EPOLLHUP)) != 0) {
      broken = true;
    }
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
      fd.close();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("socket closed with an error");
    }
  }
}
