package spegel.containerd;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** One event loop, on which gRPC channels over unix sockets run one after the other. */
final class UnixTransport implements AutoCloseable {
  /** A list of images comes as one message; 8 MiB is some 20,000 of them, and fits the heap. */
  static final int MAX_INBOUND_MESSAGE_BYTES = 8 * 1024 * 1024;

  private static final int MAX_INBOUND_METADATA_BYTES = 16 * 1024;
  private static final int FLOW_CONTROL_WINDOW_BYTES = 1024 * 1024;
  private static final long CLOSE_TIMEOUT_MILLIS = 2_000;

  private final EventLoopGroup loop;
  private final Class<? extends Channel> channelType;

  UnixTransport() {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    loop =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("containerd", true), handlers);
    channelType = epoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class;
  }

  /** A channel to the socket; nothing is connected before the first call. */
  ManagedChannel channel(Path socket) {
    SocketAddress address =
        channelType == NioDomainSocketChannel.class
            ? UnixDomainSocketAddress.of(socket)
            : new DomainSocketAddress(socket.toString());
    return NettyChannelBuilder.forAddress(address)
        .channelType(channelType)
        .eventLoopGroup(loop)
        // gRPC would make itself a pooling allocator of its own.
        .withOption(ChannelOption.ALLOCATOR, ByteBufAllocator.DEFAULT)
        // gRPC sets it on every socket, and Netty warns that a unix socket has no such option.
        .withOption(ChannelOption.SO_KEEPALIVE, null)
        .overrideAuthority("localhost")
        .usePlaintext()
        // Callbacks are short and never block; unary calls run on their caller's thread.
        .directExecutor()
        .offloadExecutor(Runnable::run)
        .disableRetry()
        .maxInboundMessageSize(MAX_INBOUND_MESSAGE_BYTES)
        .maxInboundMetadataSize(MAX_INBOUND_METADATA_BYTES)
        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        .build();
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_TIMEOUT_MILLIS);
  }
}
