package spegel.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HeapTest {
  private static final long MIB = 1 << 20;

  private long usedMib;
  private long livingMib;
  private int collections;

  private final Heap heap =
      new Heap(
          () -> usedMib * MIB,
          () -> {
            usedMib = livingMib;
            collections++;
          });

  @Test
  void collects_whenTheHeapHasGrownByTenMebibytes() {
    livingMib = 7;
    usedMib = 10;
    heap.collectWhenGrown();
    assertEquals(1, collections);
    usedMib = 16;
    heap.collectWhenGrown();
    assertEquals(1, collections);
    usedMib = 17;
    heap.collectWhenGrown();
    assertEquals(2, collections);
  }

  @Test
  void doesNotCollectAgain_whenAllOfItLives() {
    livingMib = 40;
    usedMib = 40;
    heap.collectWhenGrown();
    usedMib = 49;
    heap.collectWhenGrown();
    assertEquals(1, collections);
  }

  @Test
  void usedBytes_areThoseOfThisProcess() {
    byte[] held = new byte[4 << 20];
    assertTrue(Heap.usedBytes() >= held.length);
  }
}
