package spegel.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;

/** The ways to the network that Netty offers. */
public enum Transport {
  EPOLL {
    @Override
    public IoHandlerFactory ioHandlers() {
      return EpollIoHandler.newFactory();
    }

    @Override
    ServerBootstrap bootstrap() {
      return new ServerBootstrap()
          .channel(EpollServerSocketChannel.class)
          .childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, SendQueue.SMALL_BYTES);
    }
  },
  NIO {
    @Override
    public IoHandlerFactory ioHandlers() {
      return NioIoHandler.newFactory();
    }

    @Override
    ServerBootstrap bootstrap() {
      return new ServerBootstrap().channel(NioServerSocketChannel.class);
    }
  };

  /** Epoll where its library loads, else NIO. */
  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** What event loops of this transport are made of. */
  public abstract IoHandlerFactory ioHandlers();

  abstract ServerBootstrap bootstrap();
}
