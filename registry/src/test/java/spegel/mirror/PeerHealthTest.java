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
  void busyPeer_isAskedAfterAllOthers_forAMoment() {
    health.answered("busy", millis(1));
    health.busy("busy");
    health.answered("slow", millis(500));
    assertFalse(health.isAvoided("busy"));
    assertTrue(health.cost("busy") > health.cost("slow"));
    pass(Duration.ofSeconds(1));
    assertTrue(health.cost("busy") < health.cost("slow"));
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
  void failedPeer_isAskedAfterThoseThatAnswer_untilItHasAnswered() {
    health.answered("works", millis(100));
    health.failed("failed");
    pass(Duration.ofSeconds(2));
    assertFalse(health.isAvoided("failed"));
    assertTrue(health.cost("failed") > health.cost("works"));
    health.answered("failed", millis(2));
    assertTrue(health.cost("failed") < health.cost("works"));
  }

  @Test
  void outpacedPeer_isAskedAfterTheOneThatWasSooner() {
    assertEquals(health.cost("silent"), health.cost("unknown"));
    health.outpaced("silent", millis(100));
    health.answered("sooner", millis(50));
    assertTrue(health.cost("silent") > health.cost("sooner"));
    assertFalse(health.isAvoided("silent"));
  }

  @Test
  void outpacedPeer_isNotBlamed_whenTheRaceWasOverBeforeItsTime() {
    health.answered("a", millis(50));
    double before = health.cost("a");
    health.outpaced("a", millis(20));
    assertEquals(before, health.cost("a"));
  }

  @Test
  void cost_forgetsWhatWasLearnedLongAgo() {
    health.answered("a", millis(500));
    health.failed("b");
    pass(Duration.ofMinutes(5));
    double unknown = health.cost("unknown");
    assertEquals(unknown, health.cost("a"), unknown / 100);
    assertEquals(unknown, health.cost("b"), unknown / 100);
  }

  @Test
  void cost_doesNotRememberAgain_whenAPeerAnswersAfterALongTime() {
    health.answered("a", millis(800));
    pass(Duration.ofMinutes(5));
    health.answered("a", millis(1));
    assertEquals(health.cost("unknown"), health.cost("a"), (double) millis(1));
  }

  @Test
  void outpacedPeer_isNotTakenForBetter_whenItHadFailed() {
    health.failed("a");
    double before = health.cost("a");
    health.outpaced("a", millis(100));
    assertEquals(before, health.cost("a"));
  }

  @Test
  void peer_isSending_whileBytesComeFromIt() {
    assertFalse(health.isSending("a"));
    health.received("a").add(1024 * 1024, nowNanos);
    assertTrue(health.isSending("a"));
    pass(Duration.ofMillis(299));
    assertTrue(health.isSending("a"));
    pass(Duration.ofMillis(1));
    assertFalse(health.isSending("a"));
  }

  @Test
  void peer_isNotSending_whenItHasBecomeSlow() {
    health.received("a").add(100 * 1024 * 1024, nowNanos);
    for (int i = 0; i < 5; i++) {
      pass(Duration.ofMillis(100));
      health.received("a").add(10 * 1024, nowNanos);
    }
    assertFalse(health.isSending("a"));
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
