package spegel.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MemoryRouterTest extends RouterContract {
  @Override
  protected List<Router> threeNodes() {
    MemoryNetwork network = new MemoryNetwork();
    return IntStream.range(0, 3)
        .mapToObj(i -> (Router) new MemoryRouter(network, provider(i)))
        .toList();
  }

  private Provider provider(int index) {
    return new Provider(peerId(index), List.of(InetAddress.getLoopbackAddress()));
  }

  @Override
  protected String peerId(int index) {
    return "node-" + index;
  }

  @Test
  void withdraw_isHeardAtOnce() throws InterruptedException {
    MemoryNetwork network = new MemoryNetwork();
    try (MemoryRouter a = new MemoryRouter(network, provider(0));
        MemoryRouter b = new MemoryRouter(network, provider(1))) {
      a.advertise(List.of("r/x:1"));
      a.withdraw(List.of("r/x:1"));
      try (Lookup lookup = b.lookup("r/x:1")) {
        assertEquals(Optional.empty(), lookup.next(Duration.ZERO));
      }
    }
  }
}
