package spegel.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import spegel.routing.Provider;
import spegel.store.StoreEvent;

class DeliveriesTest {
  private static final Deliveries.Delivery DELIVERY =
      new Deliveries.Delivery(
          List.of(new Provider("a", List.of(InetAddress.getLoopbackAddress()))), false);

  private long nowNanos;
  private final Deliveries deliveries = new Deliveries(() -> nowNanos);

  @Test
  void take_givesWhoGave_once_andOnlyForTheSameRange() {
    deliveries.add("sha256:1", "bytes=0-9", DELIVERY);
    assertEquals(null, deliveries.take("sha256:1", ""));
    assertEquals(null, deliveries.take("sha256:2", "bytes=0-9"));
    assertEquals(DELIVERY, deliveries.take("sha256:1", "bytes=0-9"));
    assertEquals(null, deliveries.take("sha256:1", "bytes=0-9"));
  }

  @Test
  void take_givesNobody_whenTheStoreHasHadTheContent() {
    deliveries.add("sha256:1", "", DELIVERY);
    deliveries.add("sha256:2", "", DELIVERY);
    deliveries.onEvent(new StoreEvent(StoreEvent.Type.CREATE, "sha256:1"));
    deliveries.onEvent(new StoreEvent(StoreEvent.Type.DELETE, "sha256:2"));
    assertEquals(null, deliveries.take("sha256:1", ""));
    assertEquals(DELIVERY, deliveries.take("sha256:2", ""));
  }

  @Test
  void take_givesNobody_whenAnotherRangeBrokeOffSince() {
    deliveries.add("sha256:1", "bytes=0-9", DELIVERY);
    deliveries.add("sha256:2", "bytes=0-9", DELIVERY);
    deliveries.brokenOff("sha256:1");
    assertEquals(null, deliveries.take("sha256:1", "bytes=0-9"));
    assertEquals(DELIVERY, deliveries.take("sha256:2", "bytes=0-9"));
  }

  @Test
  void take_givesNobody_afterAWhile() {
    deliveries.add("sha256:1", "", DELIVERY);
    nowNanos += TimeUnit.MINUTES.toNanos(3);
    assertEquals(null, deliveries.take("sha256:1", ""));
  }

  @Test
  void add_hasABound_forTheRangesOfABlob() {
    for (int i = 0; i < 1000; i++) {
      deliveries.add("sha256:1", "bytes=" + i + "-", DELIVERY);
    }
    assertEquals(null, deliveries.take("sha256:1", "bytes=0-"));
    assertEquals(DELIVERY, deliveries.take("sha256:1", "bytes=999-"));
  }
}
