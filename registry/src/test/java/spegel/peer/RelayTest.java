package spegel.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.http.RawClient;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RelayTest {
  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    return content;
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void bodies_arriveWhole_alternatingWithLocalOnesOnOneConnection(Mode mode) throws Exception {
    byte[] content = random(3_000_001);
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node = mode.node(peer);
        RawClient client = node.connect()) {
      for (int i = 0; i < 10; i++) {
        assertArrayEquals(content, client.get("/blob").body());
        assertEquals("local", client.get("/local").text());
      }
      assertEquals(10, node.ends().stream().filter(complete -> complete).count());
      assertEquals(List.of(), List.copyOf(node.interruptions()));
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void body_goesOnWithTheNextPeer_atTheByteWhereOneEnded(Mode mode) throws Exception {
    byte[] content = random(3_000_001);
    try (ScriptedPeer broken =
            new ScriptedPeer(
                (head, connection, out) -> {
                  out.write(ScriptedPeer.head(200, content.length));
                  out.write(content, 0, 1_234_567);
                  return false;
                });
        ScriptedPeer whole = ScriptedPeer.of(content);
        RelayNode node = mode.node(broken, whole);
        RawClient client = node.connect()) {
      assertArrayEquals(content, client.get("/blob").body());
      assertEquals(1_234_567, node.interruptions().remove().offset());
      assertEquals("local", client.get("/local").text());
    }
  }
}
