package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void nextMillis_doublesUpToTheMaximum_lessUpToHalf() {
    Backoff backoff = new Backoff(50, 10_000, new Random(3));
    long bound = 50;
    for (int i = 0; i < 20; i++) {
      long millis = backoff.nextMillis();
      assertTrue(millis >= bound / 2 && millis <= bound, millis + " of " + bound);
      bound = Math.min(10_000, bound * 2);
    }
    assertEquals(10_000, bound);

    backoff.reset();

    assertTrue(backoff.nextMillis() <= 50);
  }
}
