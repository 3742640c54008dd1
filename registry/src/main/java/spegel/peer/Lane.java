package spegel.peer;

import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.http.Transport;

/** One event loop of a peer client, with connections of its own. */
public final class Lane {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);
  private static final int SCRATCH_BYTES = 64 * 1024;

  /** As many as one containerd waits for, and too few to be a burden to a peer that is slow. */
  private static final int MAX_DOUBTS = 8;

  private final IoEventLoop loop;
  private final PeerClientOptions options;
  private final LaneConnections connections;
  private final Carriers carriers;

  /** Relays whose client's channel is here; of the loop. */
  private final Set<Relay> relays = new LinkedHashSet<>();

  /** Of the loop. */
  private boolean closed;

  /** Requests that look whether their peer is still there; of the loop. */
  private int doubts;

  private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);

  Lane(IoEventLoop loop, Transport transport, PeerClientOptions options, Carriers carriers) {
    this.loop = loop;
    this.options = options;
    this.connections = new LaneConnections(loop, transport, options);
    this.carriers = carriers;
  }

  IoEventLoop loop() {
    return loop;
  }

  PeerClientOptions options() {
    return options;
  }

  LaneConnections connections() {
    return connections;
  }

  Carriers carriers() {
    return carriers;
  }

  /** Relays to be ended when the client closes; on the loop. */
  Set<Relay> relays() {
    return relays;
  }

  /** Whether relays may begin no more; on the loop. */
  boolean isClosed() {
    return closed;
  }

  /** Whether one more request may look whether its peer is still there; on the loop. */
  boolean beginDoubt() {
    if (doubts == MAX_DOUBTS) {
      return false;
    }
    doubts++;
    return true;
  }

  /** It has looked; on the loop. */
  void endDoubt() {
    doubts--;
  }

  /** A cleared direct buffer for what is done with in the same task of the loop. */
  ByteBuffer scratch() {
    return scratch.clear();
  }

  /**
   * Sends a request over an idle connection or a new one and waits for the head of the answer; a
   * virtual thread waits cheaply. The addresses are raced: the next one is tried when the one
   * before has failed or is slow to connect. A request that met an idle connection which the peer
   * was just closing is sent anew. One that meets silence for as long as connecting may take is
   * given up if the peer cannot be connected to either: its node is gone. Interrupting the thread
   * ends the request and closes its connection; an answer that comes just then is not leaked.
   *
   * @param timeout from now to the end of the head
   * @throws IOException when no address answers in time, or not in HTTP; the message names the peer
   *     and the cause
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public PeerResponse send(PeerRequest request, Duration timeout)
      throws IOException, InterruptedException {
    String peer = PeerAddresses.text(request.addresses());
    PeerExchange exchange = new PeerExchange(this, request);
    execute(peer, exchange::start);
    CompletableFuture<PeerResponse> result = exchange.result();
    Supplier<String> late = () -> exchange.stage() + within(timeout);
    Duration silence = options.connectTimeout();
    if (timeout.compareTo(silence) <= 0 || isDone(result, silence, exchange::abandon)) {
      return await(peer, result, timeout, late, exchange::abandon);
    }
    executeUnlessClosed(exchange::doubt);
    return await(peer, result, timeout.minus(silence), late, exchange::abandon);
  }

  static String within(Duration timeout) {
    return " within " + timeout.toMillis() + " ms";
  }

  /** Waits for that long at most; whether there is a result, good or bad. */
  private boolean isDone(CompletableFuture<?> result, Duration within, Runnable abandon)
      throws InterruptedException {
    try {
      result.get(within.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      executeUnlessClosed(abandon);
      throw e;
    }
  }

  /**
   * Waits for what the loop does for this thread.
   *
   * @param late what to say when it is not done in time
   * @param abandon run on the loop when nobody waits any more
   */
  <T> T await(
      String peer,
      CompletableFuture<T> result,
      Duration timeout,
      Supplier<String> late,
      Runnable abandon)
      throws IOException, InterruptedException {
    try {
      return result.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(peer + ": " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      executeUnlessClosed(abandon);
      throw new IOException(peer + ": " + late.get(), e);
    } catch (InterruptedException e) {
      executeUnlessClosed(abandon);
      throw e;
    }
  }

  /** Runs the task on the loop; without it when the client is closed, and nothing is left to do. */
  void executeUnlessClosed(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      log.atDebug().log("the client is closed, and its connections with it");
    }
  }

  /** Runs the task on the loop. */
  void execute(String peer, Runnable task) throws IOException {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      throw new IOException(peer + ": the client is closed", e);
    }
  }

  /** Ends all that is under way; the result is complete when it has begun to end. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> begun = new CompletableFuture<>();
    try {
      loop.execute(
          () -> {
            closed = true;
            List.copyOf(relays).forEach(Relay::cancel);
            connections.closeAll();
            begun.complete(null);
          });
    } catch (RejectedExecutionException e) {
      begun.complete(null);
    }
    return begun;
  }
}
