package spegel.kad.libp2p;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.kad.KadNetwork;
import spegel.kad.KadPeer;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;
import spegel.libp2p.host.Backoff;
import spegel.libp2p.host.Host;
import spegel.multiformats.Multiaddr;

/**
 * Requests over a host's connections: a virtual thread for each, and a watchdog that ends it when
 * its time is over, whatever it waits for then. A peer that lets a request's time pass is left
 * alone for a while, so that it holds up no further ones.
 */
final class HostNetwork implements KadNetwork, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostNetwork.class);

  private static final int MAX_UNDER_WAY = 256;

  /** Calls that are under way or wait for it. */
  private static final int MAX_CALLS = 4096;

  private static final int MAX_ATTEMPTS = 2;
  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(10);

  /** A watchdog that is so late itself says that this process was held up, not the peer. */
  private static final Duration HELD_UP = Duration.ofMillis(500);

  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Host host;
  private final NodeClock clock;
  private final PeerAddresses addresses;
  private final StreamPool streams;
  private final Backoff<PeerId> silent = new Backoff<>(InstantSource.system());
  private final Semaphore underWay = new Semaphore(MAX_UNDER_WAY);
  private final Set<Call<?>> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  HostNetwork(Host host, String protocol, PeerAddresses addresses, NodeClock clock) {
    this.host = host;
    this.clock = clock;
    this.addresses = addresses;
    this.streams = new StreamPool(host, protocol, System::nanoTime);
  }

  void start() {
    clock.schedule(
        SWEEP_INTERVAL,
        () -> {
          Thread.ofVirtual().name("kad-sweep").start(streams::sweep);
          start();
        });
  }

  @Override
  public List<Multiaddr> ownAddresses() {
    return host.addresses();
  }

  @Override
  public void request(
      KadPeer peer,
      KadMessage message,
      Duration timeout,
      Consumer<KadMessage> answered,
      Consumer<Libp2pException> failed) {
    start(
        new Call<>(
            peer,
            timeout,
            stream -> addresses.sifted(stream.ask(message, timeout)),
            answered,
            failed));
  }

  @Override
  public void send(
      KadPeer peer, List<KadMessage> messages, Duration timeout, Consumer<Boolean> done) {
    start(
        new Call<>(
            peer,
            timeout,
            stream -> {
              stream.tell(messages, timeout);
              return true;
            },
            done,
            _ -> done.accept(false)));
  }

  private void start(Call<?> call) {
    Thread.ofVirtual().name("kad-request").start(call);
  }

  /** The peer is there: it has connected, or asked something. */
  void heard(PeerId peer) {
    silent.succeeded(peer);
  }

  void disconnected(PeerId peer) {
    streams.drop(peer);
  }

  /** What is under way fails. */
  @Override
  public void close() {
    closed = true;
    calls.forEach(call -> call.end(new Libp2pException("kad: this node has left the DHT")));
    streams.close();
  }

  /** What is done with a stream, once there is one. */
  private interface Exchange<T> {
    T over(KadStream stream) throws IOException;
  }

  /** A request under way; it ends once: with a result, a failure, or when its time is over. */
  private final class Call<T> implements Runnable {
    private final KadPeer peer;
    private final Duration timeout;
    private final long deadlineNanos;
    private final Exchange<T> exchange;
    private final Consumer<T> succeeded;
    private final Consumer<Libp2pException> failed;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicBoolean graceGiven = new AtomicBoolean();
    private volatile @Nullable KadStream stream;

    Call(
        KadPeer peer,
        Duration timeout,
        Exchange<T> exchange,
        Consumer<T> succeeded,
        Consumer<Libp2pException> failed) {
      this.peer = peer;
      this.timeout = timeout;
      this.deadlineNanos = System.nanoTime() + timeout.toNanos();
      this.exchange = exchange;
      this.succeeded = succeeded;
      this.failed = failed;
    }

    private long leftNanos() {
      return deadlineNanos - System.nanoTime();
    }

    @Override
    public void run() {
      calls.add(this);
      Future<?> watchdog = clock.after(Duration.ofNanos(leftNanos()), this::expire);
      try {
        T result = inTurn();
        if (over.compareAndSet(false, true)) {
          succeeded.accept(result);
        }
      } catch (IOException e) {
        end(e instanceof Libp2pException known ? known : new Libp2pException("kad: " + e, e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        end(new Libp2pException("kad: a request was interrupted", e));
      } catch (RuntimeException e) {
        log.atError().setCause(e).addKeyValue("peer", peer.id()).log("a request failed");
        end(new Libp2pException("kad: a request failed: " + e, e));
      } finally {
        watchdog.cancel(false);
        calls.remove(this);
      }
    }

    private T inTurn() throws IOException, InterruptedException {
      if (closed || calls.size() > MAX_CALLS) {
        throw new Libp2pException("kad: no more requests are taken");
      }
      Optional<Duration> pause = silent.remaining(peer.id());
      if (pause.isPresent()) {
        throw new Libp2pException(
            peer.id() + " does not answer; left alone for " + pause.get().toMillis() + " ms");
      }
      // The peer's turn first: one that does not answer is not to take the turns of others.
      streams.enter(peer.id(), leftNanos());
      try {
        if (!underWay.tryAcquire(leftNanos(), TimeUnit.NANOSECONDS)) {
          throw new Libp2pException("kad: too many requests are under way");
        }
        try {
          return attempts();
        } finally {
          underWay.release();
        }
      } finally {
        streams.leave(peer.id());
      }
    }

    /** A stream may have ended unseen, kept ones above all: so it is tried once more. */
    private T attempts() throws IOException {
      for (int attempt = 1; ; attempt++) {
        KadStream taken = attempt == 1 ? kept() : fresh();
        stream = taken;
        try {
          if (over.get()) {
            throw new Libp2pException("kad: the request's time is over");
          }
          T result = exchange.over(taken);
          heard(peer.id());
          streams.keep(taken);
          return result;
        } catch (IOException | RuntimeException e) {
          taken.abandon();
          if (attempt == MAX_ATTEMPTS || over.get() || !mayBeStale(e)) {
            throw e;
          }
        }
      }
    }

    /** Whether another stream may do: not when the peer breaks the protocol. */
    private boolean mayBeStale(Exception e) {
      return e instanceof IOException && !(e instanceof KadException);
    }

    private KadStream kept() throws IOException {
      Optional<KadStream> idle = streams.takeIdle(peer.id());
      return idle.isPresent() ? idle.get() : fresh();
    }

    private KadStream fresh() throws IOException {
      host.connect(peer.id(), peer.addresses());
      return streams.open(peer.id());
    }

    private void expire() {
      if (-leftNanos() > HELD_UP.toNanos() && graceGiven.compareAndSet(false, true)) {
        var _ = clock.after(GRACE, this::expire);
        return;
      }
      if (!over.get() && stream != null) {
        // A dial that fails is remembered by the host.
        silent.failed(peer.id());
      }
      end(new Libp2pException("kad: no answer within " + timeout.toMillis() + " ms"));
    }

    /** Ends it as failed, unless it has ended; the thread, if it waits for an answer, goes on. */
    void end(Libp2pException cause) {
      if (over.compareAndSet(false, true)) {
        KadStream waitedFor = stream;
        if (waitedFor != null) {
          waitedFor.reset();
        }
        failed.accept(cause);
      }
    }
  }
}
