package spegel.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.store.StoreException;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class DiskAccessTest {
  @Test
  void read_failsInTime_whileOthersWaitForTheDisk() throws Exception {
    DiskAccess disk = new DiskAccess(1, 50);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch waiting = new CountDownLatch(1);
    Thread slow =
        Thread.ofVirtual()
            .start(
                () ->
                    disk.read(
                        () -> {
                          waiting.countDown();
                          try {
                            go.await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                          return "slow";
                        }));
    waiting.await();
    assertThrows(StoreException.class, () -> disk.read(() -> "never"));
    go.countDown();
    slow.join();
    assertEquals("now", disk.read(() -> "now"));
  }

  @Test
  void read_givesItsTurnBack_whenItFails() {
    DiskAccess disk = new DiskAccess(1, 50);
    for (int i = 0; i < 3; i++) {
      assertThrows(
          StoreException.class,
          () ->
              disk.read(
                  () -> {
                    throw new StoreException("on purpose");
                  }));
    }
  }
}
