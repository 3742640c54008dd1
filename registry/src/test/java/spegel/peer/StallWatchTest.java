package spegel.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StallWatchTest {
  private static final int MIN_BYTES_PER_SECOND = 1000;
  private static final Optional<String> NONE = Optional.empty();

  private final ReceivedBytes fromPeer = new ReceivedBytes(at(0));
  private final StallWatch watch =
      new StallWatch(
          fromPeer,
          new RelayLimits(Duration.ofMillis(500), Duration.ofMillis(1000), MIN_BYTES_PER_SECOND));

  /** Begins near the greatest value, which {@link System#nanoTime} may pass. */
  private static long at(long millis) {
    return Long.MAX_VALUE
        - TimeUnit.MILLISECONDS.toNanos(700)
        + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void silence_isAStall_whenTheRelayWaitsForThePeer() {
    watch.begin(at(0));
    watch.waits(at(100));
    assertEquals(NONE, watch.verdict(at(599)));
    assertEquals(Optional.of("no byte for 500 ms"), watch.verdict(at(600)));
  }

  @Test
  void silence_isCountedAnew_afterAByte() {
    watch.begin(at(0));
    watch.waits(at(0));
    watch.arrived(1, at(499));
    watch.waits(at(499));
    assertEquals(NONE, watch.verdict(at(998)));
    assertEquals(Optional.of("no byte for 500 ms"), watch.verdict(at(999)));
  }

  @Test
  void silence_isNoStall_whileTheClientIsBusy() {
    watch.begin(at(0));
    watch.waits(at(0));
    watch.arrived(100, at(10));
    assertEquals(NONE, watch.verdict(at(100_000)));
  }

  @Test
  void rate_isAStall_whenLessThanTheLeast() {
    watch.begin(at(0));
    for (int i = 0; i < 10; i++) {
      watch.waits(at(100L * i));
      watch.arrived(99, at(100L * i + 100));
    }
    assertEquals(Optional.of("990 bytes a second"), watch.verdict(at(1000)));
  }

  @Test
  void rate_isNoStall_whenItIsTheLeast() {
    watch.begin(at(0));
    for (int window = 0; window < 3; window++) {
      for (int i = 0; i < 10; i++) {
        watch.waits(at(1000L * window + 100L * i));
        watch.arrived(100, at(1000L * window + 100L * i + 100));
      }
      assertEquals(NONE, watch.verdict(at(1000L * (window + 1))));
    }
  }

  @Test
  void rate_isNotJudged_whenTheClientWasTheSlowerOne() {
    watch.begin(at(0));
    for (int i = 0; i < 10; i++) {
      watch.waits(at(100L * i));
      watch.arrived(10, at(100L * i + 40));
    }
    assertEquals(NONE, watch.verdict(at(1000)));
  }

  @Test
  void rate_isOfEachWindow_andOfEachPeer() {
    watch.begin(at(0));
    watch.waits(at(0));
    watch.arrived(1_000_000, at(400));
    assertEquals(NONE, watch.verdict(at(1000)));
    watch.waits(at(1000));
    watch.arrived(1, at(1400));
    watch.waits(at(1400));
    watch.arrived(1, at(1800));
    watch.waits(at(1800));
    assertEquals(Optional.of("2 bytes a second"), watch.verdict(at(2000)));
    watch.begin(at(2000));
    assertEquals(NONE, watch.verdict(at(2900)));
  }

  @Test
  void silence_isExcused_whileThePeerGivesEnoughByOthers() {
    watch.begin(at(0));
    watch.waits(at(0));
    fromPeer.add(MIN_BYTES_PER_SECOND / 2, at(0));
    assertEquals(NONE, watch.verdict(at(500)));
    assertEquals(Optional.of("no byte for 500 ms"), watch.verdict(at(700)));
  }

  @Test
  void rate_isExcused_whileThePeerGivesEnoughByOthers_forABoundedTime() {
    watch.begin(at(0));
    for (int window = 1; window <= 5; window++) {
      watch.waits(at(1000L * window - 900));
      watch.arrived(1, at(1000L * window - 450));
      watch.waits(at(1000L * window - 400));
      fromPeer.add(MIN_BYTES_PER_SECOND, at(0));
      watch.arrived(1, at(1000L * window));
      assertEquals(
          window <= 4 ? NONE : Optional.of("2 bytes a second"), watch.verdict(at(1000L * window)));
    }
  }

  @Test
  void slowness_isSeenAtAnyTime_notOnlyAtTheEndOfAWindow() {
    watch.begin(at(0));
    for (int millis = 250; millis <= 750; millis += 250) {
      watch.waits(at(millis - 200));
      watch.arrived(1_000_000, at(millis));
      assertEquals(NONE, watch.verdict(at(millis)));
    }
    for (int millis = 1000; millis <= 1500; millis += 250) {
      watch.waits(at(millis - 240));
      watch.arrived(1, at(millis));
      assertEquals(NONE, watch.verdict(at(millis)));
    }
    watch.waits(at(1510));
    watch.arrived(1, at(1750));
    assertEquals(Optional.of("4 bytes a second"), watch.verdict(at(1750)));
  }
}
