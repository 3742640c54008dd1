package spegel.peer;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import spegel.http.Transport;

/** Connections to peers, kept for a while for the next request, and the threads that serve them. */
public final class PeerClient implements AutoCloseable {
  private static final long STOP_MILLIS = 1_000;

  /** Not 0: without it a loop leaves open what its last tasks have registered. */
  private static final long QUIET_MILLIS = 1;

  private final MultiThreadIoEventLoopGroup loops;
  private final List<Lane> lanes = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final Carriers carriers;

  private PeerClient(PeerClientOptions options, Transport transport, Carriers carriers) {
    this.carriers = carriers;
    this.loops =
        new MultiThreadIoEventLoopGroup(
            options.lanes(), new DefaultThreadFactory("peer", true), transport.ioHandlers());
    for (int i = 0; i < options.lanes(); i++) {
      lanes.add(new Lane(loops.next(), transport, options, carriers));
    }
  }

  /** Starts the threads; connects to nobody yet. */
  public static PeerClient start(PeerClientOptions options) {
    return start(options, Transport.best(), new Carriers(true));
  }

  static PeerClient start(PeerClientOptions options, Transport transport, Carriers carriers) {
    return new PeerClient(options, transport, carriers);
  }

  /** One of the client's lanes, in turn. All that belongs to one answer of ours uses one lane. */
  public Lane lane() {
    return lanes.get(Math.floorMod(turn.getAndIncrement(), lanes.size()));
  }

  /**
   * Closes all connections, those in use too, and ends all relays. A server whose answers are
   * relayed is closed before.
   */
  @Override
  public void close() {
    lanes.stream().map(Lane::close).toList().forEach(closed -> closed.join());
    loops
        .shutdownGracefully(QUIET_MILLIS, STOP_MILLIS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(STOP_MILLIS);
    carriers.close();
  }
}
