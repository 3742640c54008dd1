package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.Together;

/**
 * Streams of 64 MiB whose reader is slow, or does not read at all: nobody piles up what is sent.
 */
@ExtendWith(FailureLogs.class)
class BackPressureTest {
  private static final long TRANSFER_BYTES = 64L << 20;
  private static final long WINDOW_BYTES = 256 << 10;
  private static final long CONNECTION_BYTES = 1 << 20;
  private static final long FRAME_BYTES = 64 << 10;
  private static final Duration WITHIN = Duration.ofSeconds(10);

  private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
  private PeerProcess process;
  private ForeignHost peer;
  private OurHost ours;

  @BeforeEach
  void connect() {
    process = PeerProcess.go();
    peer = process.host(Map.of());
    ours = OurHost.start();
    ours.connect(peer);
  }

  @AfterEach
  void stop() {
    ours.close();
    process.close();
    background.shutdownNow();
  }

  @Test
  void weWait_whenThePeerDoesNotRead() {
    peer.gate(false);
    AtomicLong sent = new AtomicLong();
    Future<?> sending = background.submit(() -> ours.send(peer.id(), TRANSFER_BYTES, sent));
    Await.until("the window is full", WITHIN, () -> sent.get() >= WINDOW_BYTES / 2);
    // The connection goes on all the while.
    ours.ping(peer.id(), 50);
    assertTrue(sent.get() <= WINDOW_BYTES, sent + " bytes were taken off our hands");
    peer.gate(true);
    Together.await(sending);
    assertEquals(TRANSFER_BYTES, sent.get());
  }

  @Test
  void weWait_whenThePeerReadsSlowly() {
    peer.fetch(ours.id(), TRANSFER_BYTES, 64 << 10, 1_000);
    assertEquals(TRANSFER_BYTES, ours.served().sentBytes());
  }

  @Test
  void thePeerWaits_whenWeDoNotRead_andWhenWeReadSlowly() {
    ours.served().gate().set(false);
    Future<?> sending;
    try (Peak undelivered = Peak.of(ours.host()::undeliveredBytes)) {
      sending = background.submit(() -> peer.send(ours.id(), TRANSFER_BYTES));
      Await.until(
          "the window is full", WITHIN, () -> ours.host().undeliveredBytes() >= WINDOW_BYTES / 2);
      assertHeldAWindow(undelivered);
    }
    // Pings are held for a moment, too: nobody watches meanwhile.
    peer.ping(ours.id(), 50);
    assertTrue(peer.sentBytes() <= WINDOW_BYTES + FRAME_BYTES, "the peer went on sending");
    try (Peak undelivered = Peak.of(ours.host()::undeliveredBytes)) {
      ours.served().sinkPause(Duration.ofMillis(1));
      ours.served().gate().set(true);
      Together.await(sending);
      assertHeldAWindow(undelivered);
    }
    assertEquals(TRANSFER_BYTES, ours.served().receivedBytes());
    assertEquals(0, ours.host().undeliveredBytes());
  }

  private static void assertHeldAWindow(Peak undelivered) {
    assertTrue(undelivered.highest() <= WINDOW_BYTES, undelivered.highest() + " bytes were held");
  }

  @Test
  void aConnectionHoldsOneMebibyte_howeverManyStreamsItHas() {
    long bytes = TRANSFER_BYTES / 8;
    ours.served().gate().set(false);
    try (Peak undelivered = Peak.of(ours.host()::undeliveredBytes)) {
      List<? extends Future<?>> sending =
          IntStream.range(0, 8)
              .mapToObj(_ -> background.submit(() -> peer.send(ours.id(), bytes)))
              .toList();
      Await.until(
          "a connection's worth is here",
          WITHIN,
          () -> ours.host().undeliveredBytes() >= CONNECTION_BYTES);
      ours.served().gate().set(true);
      sending.forEach(Together::await);
      assertTrue(
          undelivered.highest() <= CONNECTION_BYTES + FRAME_BYTES,
          undelivered.highest() + " bytes were held");
    }
    assertEquals(TRANSFER_BYTES, ours.served().receivedBytes());
  }
}
