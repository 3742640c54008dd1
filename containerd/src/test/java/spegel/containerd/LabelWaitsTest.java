package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import spegel.oci.Digest;

class LabelWaitsTest {
  private static final Digest LAYER = digest(1);
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final LabelWaits waits = new LabelWaits(new Timings(1, 1, 1, 1, 10, 3));

  @Test
  void missing_isDueAfterWaitsThatDouble_aFewTimes() {
    long now = Long.MAX_VALUE - 5 * MILLI;
    for (long waitMillis : new long[] {10, 20, 40}) {
      waits.missing(LAYER, now);
      assertEquals(List.of(), waits.due(now + (waitMillis - 1) * MILLI));
      now += waitMillis * MILLI;
      assertEquals(List.of(LAYER), waits.due(now), "after " + waitMillis + " ms");
    }

    waits.missing(LAYER, now);

    assertEquals(List.of(), waits.due(now + 1_000_000 * MILLI));
  }

  @Test
  void done_isNotLookedAtAgain() {
    waits.missing(LAYER, 0);

    waits.done(LAYER);

    assertEquals(List.of(), waits.due(1_000 * MILLI));
  }

  @Test
  void untilDue_isTheLeastWait() {
    assertEquals(77, waits.untilDueNanos(0, 77));
    waits.missing(LAYER, 0);
    waits.missing(digest(2), 3 * MILLI);

    assertEquals(6 * MILLI, waits.untilDueNanos(4 * MILLI, 1_000 * MILLI));
    assertEquals(0, waits.untilDueNanos(50 * MILLI, 1_000 * MILLI));
  }

  @Test
  void missing_isBounded() {
    for (int i = 0; i < LabelWaits.MAX_WAITING + 100; i++) {
      waits.missing(digest(i), 0);
    }

    assertEquals(LabelWaits.MAX_WAITING, waits.due(1_000 * MILLI).size());
  }

  private static Digest digest(int seed) {
    return Digest.sha256(new byte[] {(byte) seed, (byte) (seed >> 8)});
  }
}
