package spegel.peer;

import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.http.BodyStream;

/**
 * Moves a body from peers to one client. The first peer's answer is there from the start; when a
 * peer fails, ends early or stalls, the listener hears at which offset and either resumes with
 * another peer's answer that begins there, or gives up.
 *
 * <pre>
 *  NEW ──start──▶ ATTACHING ──▶ MOVING ──all sent, client gone──▶ ENDED
 *                                │  ▲                               ▲
 *                       peer fails  resume                          │
 *                                ▼  │                               │
 *                              WAITING ──────────give up────────────┘
 * </pre>
 *
 * <p>Cancelling leads to ENDED from everywhere. While it moves, a client's channel of epoll is
 * registered with no loop and its socket is watched here: Netty would read and close by itself.
 * Lives on the lane's loop.
 */
public final class Relay implements BodyStream {

  /** Hears what becomes of a relay. Called on the lane's event loop: must not wait. */
  public interface Listener {

    /**
     * The peer gives no more. {@link Relay#resume} or {@link Relay#giveUp} has to follow, from any
     * thread; until then the client waits.
     *
     * @param offset bytes of the body that the client has already
     * @param why for the log
     */
    void interrupted(Relay relay, long offset, String why);

    /**
     * It has ended: all was sent, or it was given up, or the client went away.
     *
     * @param complete whether the client's socket took the whole body
     */
    void ended(Relay relay, boolean complete);
  }

  private enum State {
    NEW,
    ATTACHING,
    MOVING,
    WAITING,
    ENDED
  }

  private static final Logger log = LoggerFactory.getLogger(Relay.class);

  /** What is moved before others of the loop have their turn. */
  private static final int TURN_BYTES = 4 * 1024 * 1024;

  private final Lane lane;
  private final Listener listener;
  private final long length;

  /** Of the peer that gives now. */
  private StallWatch stall;

  private final AtomicLong sentBytes = new AtomicLong();

  private State state = State.NEW;
  private @Nullable SocketChannel channel;
  private @Nullable End end;
  private @Nullable LoopSocket client;
  private @Nullable PeerBody source;
  private @Nullable Carrier carrier;
  private @Nullable Future<?> tick;

  /** Why the last peer gave no more. */
  private String interruption = "";

  private @Nullable Throwable failure;
  private boolean turnIsDue;

  /**
   * A relay that begins with the answer, whose body has to be as long as the relay's.
   *
   * @param lane that of the answer, and of all answers to come
   * @param fromPeer counts the bytes of all relays from the peer that answered
   */
  public Relay(
      Lane lane,
      PeerResponse first,
      ReceivedBytes fromPeer,
      RelayLimits limits,
      Listener listener) {
    this.lane = lane;
    this.listener = listener;
    this.stall = new StallWatch(fromPeer, limits);
    this.length = first.contentLength();
    this.source = first.takeBody();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public EventLoop loop() {
    return lane.loop();
  }

  @Override
  public long sentBytes() {
    return sentBytes.get();
  }

  // From any thread.

  /**
   * Goes on with another peer's answer, whose body is the rest; closes it when the relay has ended
   * meanwhile.
   *
   * @param fromPeer counts the bytes of all relays from that peer
   * @param limits for that peer
   */
  public void resume(PeerResponse rest, ReceivedBytes fromPeer, RelayLimits limits) {
    try {
      loop().execute(() -> resumed(rest, fromPeer, limits));
    } catch (RejectedExecutionException e) {
      rest.close();
    }
  }

  /** Sends no more: the client's connection is ended after what it has. */
  public void giveUp() {
    onLoop(() -> finish(new IOException("given up after: " + interruption)));
  }

  @Override
  public void cancel() {
    onLoop(() -> finish(new CancellationException("cancelled")));
  }

  private void onLoop(Runnable task) {
    if (loop().inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop().execute(task);
    } catch (RejectedExecutionException e) {
      log.atDebug().log("event loop is closed, and the relay's sockets with it");
    }
  }

  // Beginning.

  @Override
  public void start(SocketChannel to, End heard) {
    if (lane.isClosed()) {
      cancel();
    }
    if (state != State.NEW) {
      heard.ended(failure);
      return;
    }
    state = State.ATTACHING;
    channel = to;
    end = heard;
    lane.relays().add(this);
    if (to instanceof EpollSocketChannel) {
      to.deregister().addListener(left -> attached(to));
    } else {
      attached(to);
    }
  }

  private void attached(SocketChannel to) {
    if (state == State.ENDED) {
      giveChannelBack();
      return;
    }
    state = State.MOVING;
    try {
      LoopSocket socket = LoopSocket.of(lane.loop(), to);
      client = socket;
      socket.onReady(this::clientReady);
    } catch (IOException e) {
      finish(e);
      return;
    }
    PeerBody body = source;
    if (body != null) {
      move(body);
    }
  }

  private void resumed(PeerResponse rest, ReceivedBytes fromPeer, RelayLimits limits) {
    if (state != State.WAITING) {
      rest.close();
      return;
    }
    stall = new StallWatch(fromPeer, limits);
    long expected = length - sentBytes.getPlain();
    PeerBody body = rest.takeBody();
    if (rest.contentLength() != expected || body.remaining() != expected) {
      body.close();
      interruption =
          "%d bytes offered where %d are missing".formatted(rest.contentLength(), expected);
      listener.interrupted(this, sentBytes.getPlain(), interruption);
      return;
    }
    state = State.MOVING;
    move(body);
  }

  // Moving.

  private void move(PeerBody body) {
    source = body;
    carrier = lane.carriers().next(body, client, lane.scratch());
    stall.begin(System.nanoTime());
    long millis = stall.lookMillis();
    tick = loop().scheduleAtFixedRate(this::tick, millis, millis, TimeUnit.MILLISECONDS);
    try {
      if (body.isConnected()) {
        body.socket().onReady(this::hint);
      }
    } catch (IOException e) {
      dropSource(String.valueOf(e.getMessage()));
    }
    turn();
  }

  private void clientReady() {
    LoopSocket socket = client;
    if (socket != null && socket.isBroken()) {
      finish(new ClosedChannelException());
    } else {
      hint();
    }
  }

  private void hint() {
    if (state == State.MOVING && !turnIsDue) {
      turn();
    }
  }

  private void turn() {
    turnIsDue = false;
    long until = sentBytes.getPlain() + TURN_BYTES;
    while (state == State.MOVING) {
      if (!step()) {
        return;
      }
      if (sentBytes.getPlain() >= until) {
        turnIsDue = true;
        loop().execute(this::turn);
        return;
      }
    }
  }

  /** Loads or unloads; returns whether there may be more to do now. */
  private boolean step() {
    Carrier current = carrier;
    LoopSocket to = client;
    if (current == null || to == null) {
      return false;
    }
    if (current.loaded() > 0) {
      return unload(current, to);
    }
    if (sentBytes.getPlain() == length) {
      finish(null);
      return false;
    }
    PeerBody from = source;
    if (from == null) {
      await();
      return false;
    }
    return load(current, from);
  }

  private boolean unload(Carrier current, LoopSocket to) {
    try {
      int bytes = current.drain(to);
      sentBytes.setRelease(sentBytes.getPlain() + bytes);
      return bytes > 0;
    } catch (IOException e) {
      finish(e);
      return false;
    }
  }

  private boolean load(Carrier current, PeerBody from) {
    try {
      int bytes = current.fill(from);
      if (bytes > 0) {
        stall.arrived(bytes, System.nanoTime());
      } else {
        stall.waits(System.nanoTime());
      }
      return bytes > 0;
    } catch (IOException e) {
      dropSource(String.valueOf(e.getMessage()));
      return true;
    }
  }

  private void tick() {
    // After a time in which this loop did not run, there may be bytes that it has not seen yet.
    hint();
    if (state == State.MOVING && source != null) {
      stall
          .verdict(System.nanoTime())
          .ifPresent(
              why -> {
                dropSource("stalled: " + why);
                hint();
              });
    }
  }

  /** The peer gives no more; what it gave already is the client's all the same. */
  private void dropSource(String why) {
    interruption = why;
    PeerBody dropped = source;
    source = null;
    if (dropped != null) {
      dropped.close();
    }
  }

  /** The client has what there was. */
  private void await() {
    state = State.WAITING;
    stopMoving();
    listener.interrupted(this, sentBytes.getPlain(), interruption);
  }

  private void stopMoving() {
    if (tick != null) {
      tick.cancel(false);
      tick = null;
    }
    if (carrier != null) {
      carrier.close();
      carrier = null;
    }
  }

  // Ending.

  private void finish(@Nullable Throwable cause) {
    State before = state;
    if (before == State.ENDED) {
      return;
    }
    state = State.ENDED;
    failure = cause;
    dropSource(interruption);
    stopMoving();
    if (before == State.NEW) {
      listener.ended(this, length == 0);
    } else if (before != State.ATTACHING) {
      loop().execute(this::giveChannelBack);
    }
  }

  /** Registers the channel with the loop again where it is not, and says so. */
  private void giveChannelBack() {
    LoopSocket socket = client;
    SocketChannel freed = channel;
    client = null;
    if (socket != null) {
      socket.release();
    }
    if (freed == null || freed.isRegistered()) {
      ended();
      return;
    }
    // Listened to before it can come true, so that the end is told before what the channel hears.
    ChannelPromise registered = new DefaultChannelPromise(freed, loop());
    var _ =
        registered.addListener(
            done -> {
              if (!done.isSuccess()) {
                var _ = freed.close();
              }
              ended();
            });
    var _ = loop().register(registered);
  }

  private void ended() {
    lane.relays().remove(this);
    listener.ended(this, failure == null);
    End heard = end;
    if (heard != null) {
      heard.ended(failure);
    }
  }
}
