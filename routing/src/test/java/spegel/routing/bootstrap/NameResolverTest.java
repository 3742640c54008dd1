package spegel.routing.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class NameResolverTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static InetAddress[] addresses(String... literals) {
    return Stream.of(literals).map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }

  @Test
  void resolve_givesTheFirstOfEachFamily_sorted() throws IOException {
    NameResolver resolver =
        new NameResolver(
            _ ->
                addresses(
                    "10.0.0.200",
                    "fd00::2",
                    "10.0.0.3",
                    "10.0.0.3",
                    "9.255.0.1",
                    "10.0.0.4",
                    "fd00::1"),
            TIMEOUT);
    assertEquals(
        List.of(addresses("9.255.0.1", "10.0.0.3", "10.0.0.4", "fd00::1", "fd00::2")),
        resolver.resolve("spegel.local", 3));
  }

  @Test
  void resolve_namesTheName_whenItHasNoAddress() {
    NameResolver resolver =
        new NameResolver(
            name -> {
              throw new UnknownHostException(name);
            },
            TIMEOUT);
    IOException e = assertThrows(IOException.class, () -> resolver.resolve("no.such.name", 3));
    assertEquals("resolving no.such.name: the name has no address", e.getMessage());
  }

  @Test
  void resolve_givesUp_whenNoAnswerComes_andStartsNoSecondQuestion() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CompletableFuture<InetAddress[]> answer = new CompletableFuture<>();
    NameResolver resolver =
        new NameResolver(
            _ -> {
              asked.incrementAndGet();
              return answer.join();
            },
            Duration.ofMillis(20));
    try {
      IOException e = assertThrows(IOException.class, () -> resolver.resolve("slow", 3));
      assertTrue(String.valueOf(e.getMessage()).contains("no answer within"), e::getMessage);
      assertThrows(IOException.class, () -> resolver.resolve("slow", 3));
      e = assertThrows(IOException.class, () -> resolver.resolve("other", 3));
      assertTrue(String.valueOf(e.getMessage()).contains("busy with slow"), e::getMessage);
      assertEquals(1, asked.get());
    } finally {
      answer.complete(addresses("10.0.0.1"));
    }
  }
}
