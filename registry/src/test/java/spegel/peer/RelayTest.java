package spegel.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.http.HttpTimeouts;
import spegel.http.LogCapture;
import spegel.http.RawClient;

/** What arrives at clients whose answers are relayed, and how it ends. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RelayTest {
  private static final int LARGE_BYTES = 64 * 1024 * 1024;
  private static final int RECEIVE_BYTES = 16 * 1024;
  private static final RelayLimits SHORT_SILENCE =
      new RelayLimits(Duration.ofMillis(300), RelayNode.LONG, 0);

  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    return content;
  }

  /** Sends so many bytes of the content, and then what the script does. */
  private static ScriptedPeer partly(byte[] content, int bytes, ScriptedPeer.Script then)
      throws IOException {
    return new ScriptedPeer(
        (head, connection, out) -> {
          int from = ScriptedPeer.from(head);
          out.write(ScriptedPeer.head(200, content.length - from));
          out.write(content, from, bytes);
          return then.answer(head, connection, out);
        });
  }

  private static ScriptedPeer silentAfter(byte[] content, int bytes) throws IOException {
    return partly(
        content,
        bytes,
        (head, connection, out) -> {
          // Until the other side ends it.
          return connection.getInputStream().read() >= 0;
        });
  }

  // Whole bodies.

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
      // One in each lane.
      assertTrue(peer.connections() <= 2, "connections: " + peer.connections());
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void pipelinedRequests_areAnsweredInOrder(Mode mode) throws Exception {
    byte[] content = random(1_000_000);
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node = mode.node(peer);
        RawClient client = node.connect()) {
      client.request("GET", "/1").request("GET", "/local").request("GET", "/2");
      client.socket().shutdownOutput();
      assertArrayEquals(content, client.reply().body());
      assertEquals("local", client.reply().text());
      assertArrayEquals(content, client.reply().body());
      assertEquals(0, client.readToEnd().length);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void bodiesOfAllSizes_arriveWhole(Mode mode) throws Exception {
    byte[] content = random(300_000);
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  int bytes = Integer.parseInt(head.substring(5, head.indexOf(" HTTP")));
                  out.write(ScriptedPeer.head(200, bytes));
                  out.write(content, 0, bytes);
                  return true;
                });
        RelayNode node = mode.node(peer);
        RawClient client = node.connect()) {
      for (int bytes : new int[] {0, 1, 4_000, 4_096, 8_191, 32_768, 32_769, 65_536, 300_000}) {
        assertArrayEquals(Arrays.copyOf(content, bytes), client.get("/" + bytes).body());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void head_hasTheLengthAndNoBody_andKeepsBothConnections(Mode mode) throws Exception {
    byte[] content = random(100_000);
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  out.write(ScriptedPeer.head(200, content.length));
                  if (head.startsWith("GET")) {
                    out.write(content);
                  }
                  return true;
                });
        RelayNode node = mode.node(peer);
        RawClient client = node.connect()) {
      for (int i = 0; i < 4; i++) {
        assertEquals("100000", client.head("/blob").field("content-length"));
        assertArrayEquals(content, client.get("/blob").body());
      }
      assertTrue(peer.connections() <= 2, "connections: " + peer.connections());
      Waiting.until("all ended", () -> node.ends().size() == 8);
    }
  }

  // Peers that fail.

  @ParameterizedTest
  @EnumSource(Mode.class)
  void body_goesOnWithTheNextPeer_atTheByteWhereOneEnded(Mode mode) throws Exception {
    byte[] content = random(3_000_001);
    for (boolean reset : new boolean[] {false, true}) {
      try (ScriptedPeer broken =
              partly(
                  content,
                  1_234_567,
                  (head, connection, out) -> {
                    if (reset) {
                      connection.setSoLinger(true, 0);
                    }
                    return false;
                  });
          ScriptedPeer whole = ScriptedPeer.of(content);
          RelayNode node = mode.node(broken, whole);
          RawClient client = node.connect()) {
        assertArrayEquals(content, client.get("/blob").body());
        long offset = node.interruptions().remove().offset();
        // A reset may destroy what was under way; a clean end does not.
        assertTrue(reset ? offset <= 1_234_567 : offset == 1_234_567, "offset " + offset);
        assertEquals("local", client.get("/local").text());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void body_isWhole_whenPeersFailAgainAndAgainAtAnyByte(Mode mode) throws Exception {
    byte[] content = random(2_000_000);
    long seed = 11;
    Random random = new Random(seed);
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  int from = ScriptedPeer.from(head);
                  int rest = content.length - from;
                  int bytes;
                  synchronized (random) {
                    bytes = Math.min(rest, 1 + random.nextInt(random.nextBoolean() ? 5 : 300_000));
                  }
                  out.write(ScriptedPeer.head(206, rest));
                  out.write(content, from, bytes);
                  return bytes == rest;
                });
        RelayNode node = mode.node(Collections.nCopies(500, peer));
        RawClient client = node.connect()) {
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(content, client.get("/blob").body(), "seed " + seed);
      }
      assertTrue(node.interruptions().size() > 10);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void body_goesOnWithTheNextPeer_whenOneFallsSilent(Mode mode) throws Exception {
    byte[] content = random(1_000_000);
    try (ScriptedPeer silent = silentAfter(content, 400_000);
        ScriptedPeer whole = ScriptedPeer.of(content);
        RelayNode node = mode.node(SHORT_SILENCE, silent, whole);
        RawClient client = node.connect()) {
      assertArrayEquals(content, client.get("/blob").body());
      RelayNode.Interruption interruption = node.interruptions().remove();
      assertEquals(400_000, interruption.offset());
      assertEquals("stalled: no byte for 300 ms", interruption.why());
      Waiting.until("the silent connection closed", () -> silent.open() == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void body_goesOnWithTheNextPeer_whenOneIsTooSlow(Mode mode) throws Exception {
    byte[] content = random(1_000_000);
    RelayLimits limits = new RelayLimits(RelayNode.LONG, Duration.ofMillis(400), 1_000_000);
    try (ScriptedPeer slow =
            partly(
                content,
                0,
                (head, connection, out) -> {
                  drip(content, out);
                  return false;
                });
        ScriptedPeer whole = ScriptedPeer.of(content);
        RelayNode node = mode.node(limits, slow, whole);
        RawClient client = node.connect()) {
      assertArrayEquals(content, client.get("/blob").body());
      String why = node.interruptions().remove().why();
      assertTrue(why.endsWith("bytes a second"), why);
    }
  }

  private static void drip(byte[] content, OutputStream out) throws IOException {
    try {
      for (int i = 0; i < 1000; i++) {
        out.write(content, i, 1);
        Waiting.pause(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void slowClient_isNoStall(Mode mode) throws Exception {
    byte[] content = random(LARGE_BYTES);
    RelayLimits limits = new RelayLimits(Duration.ofMillis(300), Duration.ofMillis(300), 1_000_000);
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node = mode.node(limits, peer);
        RawClient client = node.connect(RECEIVE_BYTES)) {
      client.request("GET", "/blob");
      client.replyHead();
      client.in().readNBytes(100_000);
      Waiting.pause(1_500);
      client.socket().setReceiveBufferSize(1024 * 1024);
      byte[] rest = client.in().readNBytes(LARGE_BYTES - 100_000);
      assertEquals(-1, Arrays.mismatch(content, 100_000, content.length, rest, 0, rest.length));
      assertEquals(List.of(), List.copyOf(node.interruptions()));
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void giveUp_endsTheConnectionByFin_afterWhatThereWas(Mode mode) throws Exception {
    byte[] content = random(5_000_000);
    try (LogCapture log = new LogCapture();
        ScriptedPeer broken = partly(content, 2_000_000, (head, connection, out) -> false);
        RelayNode node = mode.node(broken);
        RawClient client = node.connect()) {
      // A second request that nobody reads: closing the socket would send a RST.
      client.request("GET", "/blob").request("GET", "/never");
      assertEquals("5000000", client.replyHead().field("content-length"));
      assertArrayEquals(Arrays.copyOf(content, 2_000_000), client.readToEnd());
      Waiting.until("ended", () -> !node.ends().isEmpty() && !node.outcomes().isEmpty());
      assertFalse(node.ends().remove());
      assertEquals(2_000_000, node.outcomes().remove().bodyBytes());
      assertEquals(List.of(), log.stackTraces());
      assertEquals(1, log.messages().size(), log.messages().toString());
      assertTrue(log.messages().getFirst().contains("3000000 bytes before the end"));
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void resume_isRefused_whenTheLengthIsNotThatOfTheRest(Mode mode) throws Exception {
    byte[] content = random(500_000);
    try (ScriptedPeer broken = partly(content, 100_000, (head, connection, out) -> false);
        ScriptedPeer other =
            new ScriptedPeer(
                (head, connection, out) -> {
                  out.write(ScriptedPeer.head(200, 500_000));
                  out.write(content);
                  return true;
                });
        ScriptedPeer whole = ScriptedPeer.of(content);
        RelayNode node = mode.node(broken, other, whole);
        RawClient client = node.connect()) {
      assertArrayEquals(content, client.get("/blob").body());
      assertEquals(
          List.of(100_000L, 100_000L),
          node.interruptions().stream().map(RelayNode.Interruption::offset).toList());
      Waiting.until("the other's connection closed", () -> other.open() == 0);
    }
  }

  // Clients that leave, and servers that end.

  @ParameterizedTest
  @EnumSource(Mode.class)
  void peersConnection_isClosed_whenTheClientLeaves(Mode mode) throws Exception {
    byte[] content = random(LARGE_BYTES);
    try (LogCapture log = new LogCapture();
        ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node = mode.node(peer)) {
      for (int i = 0; i < 20; i++) {
        try (RawClient client = node.connect(RECEIVE_BYTES)) {
          client.request("GET", "/blob");
          client.in().readNBytes(i * 10_000);
          client.socket().setSoLinger(i % 2 == 0, 0);
        }
        int number = i + 1;
        Waiting.until("the relay's end", () -> node.ends().size() == number);
        Waiting.until("the request's end", () -> node.outcomes().size() == number);
        Waiting.until("the peer's connection closed", () -> peer.open() == 0);
      }
      assertFalse(node.ends().contains(true));
      assertEquals(List.of(), log.messages());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NIO_COPY"})
  void clientThatLeaves_isNoticed_whileThePeerIsSilent(Mode mode) throws Exception {
    byte[] content = random(1_000_000);
    try (ScriptedPeer silent = silentAfter(content, 400_000);
        RelayNode node = mode.node(silent)) {
      try (RawClient client = node.connect()) {
        client.request("GET", "/blob");
        client.replyHead();
        client.in().readNBytes(300_000);
        client.socket().setSoLinger(true, 0);
      }
      Waiting.until("the relay's end", () -> !node.ends().isEmpty());
      Waiting.until("the peer's connection closed", () -> silent.open() == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NIO_COPY"})
  void clientThatLeaves_isNoticed_whileItWaitsForTheNextPeer(Mode mode) throws Exception {
    byte[] content = random(1_000_000);
    CountDownLatch asked = new CountDownLatch(1);
    try (ScriptedPeer broken = partly(content, 400_000, (head, connection, out) -> false);
        ScriptedPeer hesitant =
            new ScriptedPeer(
                (head, connection, out) -> {
                  asked.countDown();
                  return connection.getInputStream().read() >= 0;
                });
        RelayNode node = mode.node(broken, hesitant)) {
      try (RawClient client = node.connect()) {
        client.request("GET", "/blob");
        client.replyHead();
        asked.await();
        client.socket().setSoLinger(true, 0);
      }
      Waiting.until("the relay's end", () -> !node.ends().isEmpty());
      assertFalse(node.ends().remove());
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void clientThatStopsReading_isCut_afterTheServersTimeOut(Mode mode) throws Exception {
    byte[] content = random(LARGE_BYTES);
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node =
            new RelayNode(
                mode.transport(),
                mode.carriers(),
                RelayNode.PATIENT,
                List.of(peer),
                new HttpTimeouts(30_000, 30_000, 300, 300));
        RawClient client = node.connect(RECEIVE_BYTES)) {
      client.request("GET", "/blob");
      Waiting.until("the request's end", () -> !node.outcomes().isEmpty());
      assertFalse(node.outcomes().remove().complete());
      Waiting.until("the peer's connection closed", () -> peer.open() == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void close_letsABodyEnd_withinTheGrace(Mode mode) throws Exception {
    byte[] content = random(20_000_000);
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node = mode.node(peer);
        RawClient client = node.connect(RECEIVE_BYTES)) {
      client.request("GET", "/blob");
      client.replyHead();
      byte[] start = client.in().readNBytes(1_000_000);
      Thread closing = Thread.ofPlatform().start(() -> node.server().close(Duration.ofSeconds(20)));
      Waiting.until("the server drains", () -> isRefused(node));
      byte[] rest = client.readToEnd();
      assertEquals(-1, Arrays.mismatch(content, 0, 1_000_000, start, 0, 1_000_000));
      assertEquals(-1, Arrays.mismatch(content, 1_000_000, content.length, rest, 0, rest.length));
      client.leave();
      closing.join();
    }
  }

  private static boolean isRefused(RelayNode node) {
    try (RawClient client = node.connect()) {
      return client.socket().isClosed();
    } catch (IOException e) {
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void close_cutsBodiesByFin_afterTheGrace(Mode mode) throws Exception {
    byte[] content = random(LARGE_BYTES);
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node = mode.node(peer);
        RawClient client = node.connect(RECEIVE_BYTES)) {
      client.request("GET", "/blob").request("GET", "/never");
      client.replyHead();
      Thread closing = Thread.ofPlatform().start(() -> node.server().close(Duration.ofMillis(100)));
      Waiting.until("the request's end", () -> !node.outcomes().isEmpty());
      assertFalse(node.outcomes().remove().complete());
      byte[] received = client.readToEnd();
      assertTrue(received.length < LARGE_BYTES);
      assertEquals(-1, Arrays.mismatch(content, 0, received.length, received, 0, received.length));
      client.leave();
      closing.join();
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void closedPeerClient_endsRelaysByFin(Mode mode) throws Exception {
    byte[] content = random(LARGE_BYTES);
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        RelayNode node = mode.node(peer)) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        RawClient client = node.connect(RECEIVE_BYTES);
        clients.add(client);
        client.request("GET", "/blob");
        client.replyHead();
      }
      node.client().close();
      for (RawClient client : clients) {
        assertTrue(client.readToEnd().length < LARGE_BYTES);
        client.close();
      }
      Waiting.until("all ended", () -> node.ends().size() == 4);
      Waiting.until("the peer's connections closed", () -> peer.open() == 0);
    }
  }
}
