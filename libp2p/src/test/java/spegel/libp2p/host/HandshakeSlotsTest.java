package spegel.libp2p.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HandshakeSlotsTest {
  private final HandshakeSlots slots = new HandshakeSlots(4);

  private Optional<Socket> enter(Socket socket, String from) {
    return slots.enter(socket, RemoteNetwork.of(InetAddress.ofLiteral(from)));
  }

  private List<Socket> enter(int count, String from) {
    List<Socket> entered = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entered.add(new Socket());
      enter(entered.getLast(), from);
    }
    return entered;
  }

  @Test
  void enter_displacesTheOldest_ofTheNetworkThatHasTheMost() {
    Socket first = enter(1, "10.0.0.1").getFirst();
    List<Socket> greedy = enter(3, "10.0.0.2");
    assertEquals(Optional.of(greedy.get(0)), enter(new Socket(), "10.0.0.3"));
    assertEquals(Optional.of(greedy.get(1)), enter(new Socket(), "10.0.0.4"));
    // All have one now.
    assertEquals(Optional.of(first), enter(new Socket(), "10.0.0.5"));
  }

  @Test
  void enter_displacesOnesOwn_whenOneHasTheMost() {
    enter(1, "10.0.0.1");
    List<Socket> greedy = enter(3, "10.0.0.2");
    assertEquals(Optional.of(greedy.get(0)), enter(new Socket(), "10.0.0.2"));
  }

  @Test
  void enter_displacesNobody_onceASlotIsFree() {
    List<Socket> all = enter(4, "10.0.0.1");
    slots.leave(all.get(2));
    slots.leave(all.get(2));
    assertEquals(Optional.empty(), enter(new Socket(), "10.0.0.1"));
    assertEquals(Optional.of(all.get(0)), enter(new Socket(), "10.0.0.2"));
  }

  @Test
  void enter_takesAPrefixOfIp6_forOneNetwork() {
    Socket first = enter(1, "10.0.0.1").getFirst();
    Socket second = enter(1, "fd00:0:0:2::1").getFirst();
    Socket oldest = enter(1, "fd00:0:0:1::1").getFirst();
    enter(1, "fd00:0:0:1:ffff::2");
    assertEquals(Optional.of(oldest), enter(new Socket(), "fd00:0:0:3::1"));
    assertEquals(Optional.of(first), enter(new Socket(), "fd00:0:0:4::1"));
    assertEquals(Optional.of(second), enter(new Socket(), "fd00:0:0:5::1"));
  }
}
