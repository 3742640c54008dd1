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

  private int collectionsAfterLook(long used, long living) {
    usedMib = used;
    livingMib = living;
    heap.look();
    return collections;
  }

  @Test
  void collects_whenTheHeapHasGrownByTenMebibytes() {
    assertEquals(0, collectionsAfterLook(9, 7));
    assertEquals(1, collectionsAfterLook(10, 7));
    assertEquals(1, collectionsAfterLook(16, 7));
    assertEquals(2, collectionsAfterLook(17, 7));
  }

  @Test
  void doesNotCollectAgain_whenAllOfItLives() {
    assertEquals(1, collectionsAfterLook(40, 40));
    for (int i = 0; i < 1000; i++) {
      assertEquals(1, collectionsAfterLook(49, 49));
    }
  }

  @Test
  void collectsSoonAgain_whenTheJvmFoundThatLessLives() {
    assertEquals(1, collectionsAfterLook(40, 38));
    assertEquals(1, collectionsAfterLook(8, 7));
    assertEquals(2, collectionsAfterLook(18, 7));
  }

  @Test
  void collectsOnceMore_aWhileAfterMuchHasLived() {
    assertEquals(1, collectionsAfterLook(10, 7));
    assertEquals(2, collectionsAfterLook(30, 25));
    for (int i = 1; i < 240; i++) {
      assertEquals(2, collectionsAfterLook(25, 7));
    }
    assertEquals(3, collectionsAfterLook(25, 7));
    assertEquals(7, usedMib);
  }

  @Test
  void usedBytes_areMoreThanWhatLives_andLessThanThereIsRoomFor() {
    byte[] living = new byte[32 << 20];
    long used = Heap.usedBytes();
    assertTrue(used >= living.length, used + " bytes");
    assertTrue(used < Runtime.getRuntime().totalMemory(), used + " bytes");
  }
}
