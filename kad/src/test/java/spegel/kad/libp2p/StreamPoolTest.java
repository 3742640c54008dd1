package spegel.kad.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.kad.KadMessage;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.libp2p.host.Host;

@Timeout(30)
final class StreamPoolTest {
  private static final String PROTOCOL = "/test/kad/1.0.0";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final KadMessage PING =
      new KadMessage(KadMessage.Type.PING, new byte[0], List.of(), List.of());

  private final AtomicLong nanos = new AtomicLong();

  /** Streams that the peer has open. */
  private final AtomicInteger served = new AtomicInteger();

  private final Host host = host();
  private final Host other = host();
  private final PeerId peer = other.id();
  private final StreamPool pool = new StreamPool(host, PROTOCOL, nanos::get);

  private static Host host() {
    try {
      return Cluster.host(Identity.generate(), "127.0.0.1", 0);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void connect() throws IOException {
    other.handle(
        PROTOCOL,
        stream -> {
          served.incrementAndGet();
          stream.input().transferTo(stream.output());
          served.decrementAndGet();
        });
    host.connect(peer, other.addresses());
  }

  @AfterEach
  void close() {
    pool.close();
    host.close();
    other.close();
  }

  /** Uses a stream, as a request does, and gives it back. */
  private KadStream used() throws Exception {
    pool.enter(peer, TIMEOUT.toNanos());
    Optional<KadStream> idle = pool.takeIdle(peer);
    KadStream stream = idle.isPresent() ? idle.get() : pool.open(peer);
    assertEquals(PING, stream.ask(PING, TIMEOUT));
    pool.keep(stream);
    pool.leave(peer);
    return stream;
  }

  @Test
  void takeIdle_givesTheStreamOfTheRequestBefore() throws Exception {
    KadStream first = used();
    for (int i = 0; i < 10; i++) {
      assertEquals(first, used());
    }
    assertEquals(1, served.get());
  }

  @Test
  void sweep_closesWhatNobodyHasUsedForLong() throws Exception {
    KadStream first = used();
    nanos.addAndGet(StreamPool.MAX_IDLE.toNanos());
    pool.sweep();
    assertEquals(first, used());
    nanos.addAndGet(StreamPool.MAX_IDLE.toNanos() + 1);
    pool.enter(peer, TIMEOUT.toNanos());
    assertEquals(Optional.empty(), pool.takeIdle(peer));
    pool.leave(peer);
    pool.sweep();
    Cluster.await("the peer sees the stream closed", () -> served.get() == 0);
    assertEquals(0, pool.size());
  }

  @Test
  void enter_lets_onlySoManyIn_atATime() throws Exception {
    for (int i = 0; i < StreamPool.MAX_PER_PEER; i++) {
      pool.enter(peer, 0);
    }
    IOException e = assertThrows(IOException.class, () -> pool.enter(peer, 1_000_000));
    assertTrue(String.valueOf(e.getMessage()).contains("too many requests"), e.getMessage());
    pool.leave(peer);
    pool.enter(peer, 0);
    for (int i = 0; i < StreamPool.MAX_PER_PEER; i++) {
      pool.leave(peer);
    }
    assertEquals(0, pool.size());
  }

  @Test
  void enter_throwsAtOnce_whenTooManyWaitAlready() throws Exception {
    for (int i = 0; i < StreamPool.MAX_PER_PEER; i++) {
      pool.enter(peer, 0);
    }
    AtomicInteger entered = new AtomicInteger();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < StreamPool.MAX_WAITING_PER_PEER; i++) {
      waiting.add(Thread.ofVirtual().start(() -> wait(entered)));
    }
    Cluster.await(
        "all wait",
        () -> waiting.stream().allMatch(one -> one.getState() == Thread.State.TIMED_WAITING));
    assertThrows(IOException.class, () -> pool.enter(peer, TIMEOUT.toNanos()));
    assertEquals(0, entered.get());
    for (int i = 0; i < StreamPool.MAX_PER_PEER; i++) {
      pool.leave(peer);
    }
    for (Thread one : waiting) {
      one.join();
    }
    assertEquals(StreamPool.MAX_WAITING_PER_PEER, entered.get());
    assertEquals(0, pool.size());
  }

  private void wait(AtomicInteger entered) {
    try {
      pool.enter(peer, TIMEOUT.toNanos());
      entered.incrementAndGet();
      pool.leave(peer);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void drop_andClose_closeIdleStreams() throws Exception {
    used();
    pool.drop(peer);
    Cluster.await("the peer sees the stream closed", () -> served.get() == 0);
    used();
    pool.close();
    Cluster.await("the peer sees the stream closed", () -> served.get() == 0);
    used();
    Cluster.await("a closed pool keeps nothing", () -> served.get() == 0);
    assertEquals(0, pool.size());
  }
}
