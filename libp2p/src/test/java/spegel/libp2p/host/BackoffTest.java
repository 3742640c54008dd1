package spegel.libp2p.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final Backoff<String> backoff = new Backoff<>(now::get);

  private void pass(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  @Test
  void remaining_doubles_upToAMinute_withEachFailure() {
    assertEquals(Optional.empty(), backoff.remaining("a"));
    for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      backoff.failed("a");
      assertEquals(Optional.of(Duration.ofSeconds(seconds)), backoff.remaining("a"));
      pass(Duration.ofSeconds(seconds));
      assertEquals(Optional.empty(), backoff.remaining("a"));
    }
  }

  @Test
  void remaining_isAnothersOwn_andOverAfterSuccess() {
    backoff.failed("a");
    backoff.failed("b");
    backoff.succeeded("a");
    assertEquals(Optional.empty(), backoff.remaining("a"));
    assertEquals(Optional.of(Duration.ofSeconds(1)), backoff.remaining("b"));
    backoff.failed("a");
    assertEquals(Optional.of(Duration.ofSeconds(1)), backoff.remaining("a"));
    backoff.succeededIf("b"::equals);
    assertEquals(Optional.empty(), backoff.remaining("b"));
  }

  @Test
  void failed_forgetsTheEldest_whenThereAreTooMany() {
    for (int i = 0; i <= 4096; i++) {
      backoff.failed("peer " + i);
    }
    assertEquals(Optional.empty(), backoff.remaining("peer 0"));
    assertEquals(Optional.of(Duration.ofSeconds(1)), backoff.remaining("peer 1"));
  }
}
