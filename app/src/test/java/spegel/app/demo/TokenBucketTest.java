package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicLong nowNanos = new AtomicLong();

  @Test
  void take_givesEachByteItsTime_andABurstAfterAPause() {
    TokenBucket link = new TokenBucket(1_000_000, nowNanos::get); // A byte in a microsecond.
    assertEquals(0, link.take(50_000));
    assertEquals(10 * MILLI, link.take(10_000));
    assertEquals(20 * MILLI, link.take(10_000));
    nowNanos.addAndGet(20 * MILLI);
    assertEquals(10 * MILLI, link.take(10_000));
    nowNanos.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertEquals(0, link.take(50_000));
    assertEquals(MILLI, link.take(1_000));
  }

  @Test
  void limit_passesAllBytesOn_noFasterThanTheLink() throws IOException {
    TokenBucket link = new TokenBucket(1_000_000, System::nanoTime);
    long startNanos = System.nanoTime();
    assertEquals(
        200_000, link.limit(new ByteArrayInputStream(new byte[200_000])).readAllBytes().length);
    assertTrue(System.nanoTime() - startNanos >= 150 * MILLI);
  }
}
