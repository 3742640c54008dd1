package spegel.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening server with its connections and threads. */
public final class HttpServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
  private static final int BACKLOG = 1024;
  private static final int RECEIVE_BYTES = 4 * 1024;

  /** Writes of one flush before others of the loop have their turn. */
  private static final int WRITES_PER_TURN = 4;

  private static final long MIN_TICK_MILLIS = 10;
  private static final long MAX_TICK_MILLIS = 1_000;
  private static final long STOP_MILLIS = 1_000;

  private final HttpServerOptions options;
  private final EventLoopGroup loops;
  private final @Nullable EventLoopGroup bodyLoops;
  private final ExecutorService workers;
  private final Connections connections;
  private final Channel acceptor;
  private final InetSocketAddress address;

  private HttpServer(HttpServerOptions options, HttpHandler handler, Transport transport)
      throws IOException {
    this.options = options;
    this.loops = group(options.name(), options.eventLoops(), transport);
    this.bodyLoops =
        options.bodyEventLoops() == 0
            ? null
            : group(options.name() + "-body", options.bodyEventLoops(), transport);
    this.workers =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name(options.name() + "-request-", 0).factory());
    this.connections = new Connections(options, handler, workers, bodyLoops);
    try {
      this.acceptor = bind(transport);
    } catch (IOException e) {
      stopThreads();
      throw e;
    }
    // Behind Netty's own handler, which stops accepting for a second when there is a failure.
    acceptor.pipeline().addLast(new AcceptFailures(options.name()));
    this.address = (InetSocketAddress) acceptor.localAddress();
    long tickMillis =
        Math.clamp(options.timeouts().shortestMillis() / 4, MIN_TICK_MILLIS, MAX_TICK_MILLIS);
    var _ =
        loops
            .next()
            .scheduleAtFixedRate(connections::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * Starts to listen and to answer.
   *
   * @throws IOException when the address cannot be listened on; the message names it
   */
  public static HttpServer start(HttpServerOptions options, HttpHandler handler)
      throws IOException {
    return start(options, handler, Transport.best());
  }

  /**
   * The same with a transport of choice.
   *
   * @throws IOException when the address cannot be listened on; the message names it
   */
  public static HttpServer start(
      HttpServerOptions options, HttpHandler handler, Transport transport) throws IOException {
    return new HttpServer(options, handler, transport);
  }

  private static EventLoopGroup group(String name, int threads, Transport transport) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), transport.ioHandlers());
  }

  private Channel bind(Transport transport) throws IOException {
    ServerBootstrap bootstrap =
        transport
            .bootstrap()
            .group(loops)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            // A failing write ends our side of the connection, and we close it when we have seen
            // why.
            .childOption(ChannelOption.AUTO_CLOSE, false)
            .childOption(ChannelOption.WRITE_SPIN_COUNT, WRITES_PER_TURN)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES))
            .childHandler(connections);
    ListenAddress wanted = options.address();
    if (wanted.isAllAddresses()) {
      // Both families in one socket; without IPv6 in the kernel the first cannot be had.
      ChannelFuture both = bootstrap.bind("::", wanted.port()).awaitUninterruptibly();
      if (both.isSuccess()) {
        return both.channel();
      }
      return bound(bootstrap.bind("0.0.0.0", wanted.port()));
    }
    return bound(bootstrap.bind(wanted.resolve()));
  }

  private Channel bound(ChannelFuture binding) throws IOException {
    binding.awaitUninterruptibly();
    if (!binding.isSuccess()) {
      throw new IOException(
          "cannot listen on " + options.address() + ": " + binding.cause().getMessage(),
          binding.cause());
    }
    return binding.channel();
  }

  /** Where it listens, with the port that the system chose. */
  public InetSocketAddress address() {
    return address;
  }

  /**
   * Stops: no new connections, idle ones end at once, those that are busy after their answer; what
   * is not answered within the grace is cut by a clean end of the connection. Returns when all
   * threads are told to stop, at the latest a few seconds after the grace.
   */
  public void close(Duration grace) {
    acceptor.close().awaitUninterruptibly();
    connections.drain();
    try {
      if (!connections.awaitNone(grace.toMillis())) {
        connections.cut();
        long millis = options.timeouts().lingerMillis() + 2 * MAX_TICK_MILLIS;
        if (!connections.awaitNone(millis)) {
          log.atWarn().addKeyValue("server", options.name()).log("connections left at the end");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    stopThreads();
  }

  /** Stops without waiting for answers. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  private void stopThreads() {
    workers.shutdownNow();
    loops
        .shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(STOP_MILLIS);
    if (bodyLoops != null) {
      bodyLoops
          .shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS)
          .awaitUninterruptibly(STOP_MILLIS);
    }
  }
}
