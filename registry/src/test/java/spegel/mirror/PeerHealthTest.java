package spegel.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PeerHealthTest {
  private long nowNanos;
  private final PeerHealth health = new PeerHealth(() -> nowNanos);

  private void pass(Duration time) {
    nowNanos += time.toNanos();
  }

  private static long millis(long count) {
    return TimeUnit.MILLISECONDS.toNanos(count);
  }

  @Test
  void failed_avoidsForLonger_eachTime_untilItAnswers() {
    health.failed("a");
    pass(Duration.ofMillis(1_999));
    assertTrue(health.isAvoided("a"));
    pass(Duration.ofMillis(1));
    assertFalse(health.isAvoided("a"));
    health.failed("a");
    pass(Duration.ofMillis(3_999));
    assertTrue(health.isAvoided("a"));
    pass(Duration.ofMillis(1));
    health.answered("a", millis(1));
    health.failed("a");
    pass(Duration.ofSeconds(2));
    assertFalse(health.isAvoided("a"));
  }

  @Test
  void failed_hasABound_howLongAPeerIsAvoided() {
    for (int i = 0; i < 100; i++) {
      health.failed("a");
      pass(Duration.ofSeconds(64));
      assertFalse(health.isAvoided("a"));
    }
    health.failed("a");
    pass(Duration.ofMillis(63_999));
    assertTrue(health.isAvoided("a"));
  }

  @Test
  void failed_isCountedOnce_whenManyRequestsFailAtOnce() {
    for (int i = 0; i < 100; i++) {
      health.failed("a");
    }
    pass(Duration.ofMillis(1_999));
    assertTrue(health.isAvoided("a"));
    pass(Duration.ofMillis(1));
    assertFalse(health.isAvoided("a"));
    assertEquals(100, health.report().getFirst().failures());
  }

  @Test
  void failed_lengthensTheAvoidanceOfABusyPeer() {
    health.busy("a");
    health.failed("a");
    pass(Duration.ofMillis(1_999));
    assertTrue(health.isAvoided("a"));
  }

  @Test
  void busy_doesNotShortenAnAvoidance() {
    health.shutOut("a");
    health.busy("a");
    pass(Duration.ofMinutes(9));
    assertTrue(health.isAvoided("a"));
    pass(Duration.ofMinutes(1));
    assertFalse(health.isAvoided("a"));
  }

  @Test
  void cost_prefersFastPeers_andThoseWithLessToDo() {
    health.answered("fast", millis(2));
    health.answered("slow", millis(20));
    assertTrue(health.cost("fast") < health.cost("slow"));
    assertTrue(health.cost("unknown") < health.cost("fast"));
    for (int i = 0; i < 10; i++) {
      health.transferBegan("fast");
    }
    assertTrue(health.cost("fast") > health.cost("slow"));
    for (int i = 0; i < 10; i++) {
      health.transferEnded("fast", 1, 1);
    }
    assertTrue(health.cost("fast") < health.cost("slow"));
  }

  @Test
  void patience_followsWhatIsUsual_withinBounds() {
    assertEquals(Duration.ofMillis(100), health.patience("a"));
    for (int i = 0; i < 50; i++) {
      health.answered("a", millis(30));
    }
    Duration steady = health.patience("a");
    assertTrue(steady.compareTo(Duration.ofMillis(30)) >= 0, steady::toString);
    assertTrue(steady.compareTo(Duration.ofMillis(45)) < 0, steady::toString);
    health.answered("b", 1_000);
    assertEquals(Duration.ofMillis(10), health.patience("b"));
    health.answered("c", millis(100_000));
    assertEquals(Duration.ofMillis(500), health.patience("c"));
  }

  @Test
  void usualRate_ignoresSmallTransfers() {
    health.transferBegan("a");
    health.transferEnded("a", 1024, 1);
    assertEquals(0, health.usualBytesPerSecond());
    health.transferBegan("a");
    health.transferEnded("a", 10_000_000, TimeUnit.SECONDS.toNanos(1));
    assertEquals(10_000_000, health.usualBytesPerSecond());
  }

  @Test
  void peer_isAtWork_fromTheBeginOfATransferToItsEnd() {
    assertFalse(health.isAtWork("a"));
    health.transferBegan("a");
    assertTrue(health.isAtWork("a"));
    health.transferEnded("a", 1, 1);
    assertFalse(health.isAtWork("a"));
  }

  @Test
  void report_isBounded_andForgetsWhoWasHeardOfLongestAgo() {
    for (int i = 0; i < 3_000; i++) {
      health.answered("peer-" + i, millis(1));
    }
    List<PeerReport> report = health.report();
    assertEquals(2048, report.size());
    assertFalse(report.stream().anyMatch(peer -> peer.peerId().equals("peer-0")));
    assertTrue(report.stream().anyMatch(peer -> peer.peerId().equals("peer-2999")));
  }
}
