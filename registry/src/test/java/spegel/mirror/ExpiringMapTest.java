package spegel.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpiringMapTest {
  private long nowNanos = -5;
  private final ExpiringMap<String, Integer> map =
      new ExpiringMap<>(Duration.ofNanos(10), 2, () -> nowNanos);

  @Test
  void get_forgets_whenTheLifetimeIsOver() {
    map.put("a", 1);
    nowNanos += 10;
    assertEquals(Optional.of(1), map.get("a"));
    nowNanos += 1;
    assertEquals(Optional.empty(), map.get("a"));
  }

  @Test
  void put_beginsTheLifetimeAnew_andDropsTheOldest_whenFull() {
    map.put("a", 1);
    map.put("b", 2);
    map.put("a", 3);
    map.put("c", 4);
    assertFalse(map.contains("b"));
    assertEquals(Optional.of(3), map.get("a"));
    assertTrue(map.contains("c"));
  }

  @Test
  void remove_givesWhatWasThere_once() {
    map.put("a", 1);
    assertEquals(1, map.remove("a"));
    assertEquals(null, map.remove("a"));
  }
}
