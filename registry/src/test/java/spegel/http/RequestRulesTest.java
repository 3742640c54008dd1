package spegel.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RequestRulesTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n";

  record Case(int status, String request) {
    @Override
    public String toString() {
      String shown = request.replace("\r", "\\r").replace("\n", "\\n");
      return status + " " + shown.substring(0, Math.min(90, shown.length()));
    }
  }

  static List<Case> refused() {
    return List.of(
        new Case(400, GET + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        new Case(400, GET + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
        new Case(400, GET + "Content-Length: 1, 1\r\n\r\na"),
        new Case(400, GET + "Content-Length: +1\r\n\r\na"),
        new Case(400, GET + "Content-Length: -1\r\n\r\na"),
        new Case(400, GET + "Content-Length: 99999999999999999999\r\n\r\na"),
        new Case(400, GET + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        new Case(400, GET + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
        new Case(400, GET + "Transfer-Encoding: gzip\r\n\r\n"),
        new Case(400, GET + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"),
        new Case(400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        new Case(400, GET + "Content-Length : 1\r\n\r\na"),
        new Case(400, GET + "Na me: x\r\n\r\n"),
        new Case(400, GET + "X: a\0b\r\n\r\n"),
        new Case(400, GET + "no colon\r\n\r\n"),
        new Case(400, "GET / HTTP/1.1\nHost: h\n\n"),
        new Case(400, "GET / HTTP/1.1\r\n\r\n"),
        new Case(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        new Case(400, "GET relative HTTP/1.1\r\nHost: h\r\n\r\n"),
        new Case(400, "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"),
        new Case(400, "GET /\u00e9 HTTP/1.1\r\nHost: h\r\n\r\n"),
        new Case(400, "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"),
        new Case(400, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
        new Case(400, "G@T / HTTP/1.1\r\nHost: h\r\n\r\n"),
        new Case(400, "GET /\r\nHost: h\r\n\r\n"),
        new Case(400, "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\r\n\r\n"),
        new Case(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        new Case(505, "GET / HTTP/1.2\r\nHost: h\r\n\r\n"),
        new Case(413, GET + "Content-Length: 65537\r\n\r\n"),
        new Case(417, GET + "Expect: other\r\n\r\n"),
        new Case(414, "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: h\r\n\r\n"),
        new Case(431, GET + "X: " + "a".repeat(17_000) + "\r\n\r\n"),
        new Case(431, GET + "X: y\r\n".repeat(100) + "\r\n"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void request_isRefusedAndTheConnectionEnds(Case refused) throws Exception {
    try (LogCapture log = new LogCapture();
        HttpServer server = HttpServer.start(Servers.options(), Servers::echo);
        RawClient client = new RawClient(server)) {
      client.send(refused.request());
      RawClient.Reply reply = client.reply();
      assertEquals(refused.status(), reply.status());
      assertEquals("close", reply.field("connection"));
      assertEquals(0, client.readToEnd().length);
      assertEquals(List.of(), log.stackTraces());
    }
  }

  @Test
  void chunkedBody_isRefused_beyondItsBound() throws Exception {
    try (HttpServer server = HttpServer.start(Servers.options(), Servers::echo);
        RawClient client = new RawClient(server)) {
      client.send(GET + "Transfer-Encoding: chunked\r\n\r\n");
      String chunk = "1000\r\n" + "a".repeat(0x1000) + "\r\n";
      for (int i = 0; i < 17; i++) {
        client.send(chunk);
      }
      assertEquals(413, client.reply().status());
      assertEquals(0, client.readToEnd().length);
    }
  }

  @Test
  void server_goesOnWithoutAStackTrace_after10000MalformedRequests() throws Exception {
    long seed = 20261101;
    try (LogCapture log = new LogCapture();
        HttpServer server =
            HttpServer.start(
                Servers.options().withConnections(64, 16, Servers::echo), Servers::echo)) {
      List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
      List<Thread> clients = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Random random = new Random(seed + thread);
        clients.add(Thread.ofPlatform().start(() -> attack(server, random, failures)));
      }
      for (Thread client : clients) {
        client.join();
      }
      assertEquals(List.of(), failures, "seed " + seed);
      assertEquals(List.of(), log.messages(), "seed " + seed);
      try (RawClient client = new RawClient(server)) {
        assertEquals("/still?", client.get("/still").text());
      }
    }
  }

  private static void attack(HttpServer server, Random random, List<Throwable> failures) {
    for (int i = 0; i < 2_500; i++) {
      byte[] request = malformed(random);
      try (RawClient client = new RawClient(server)) {
        client.send(request);
        client.socket().shutdownOutput();
        String answer = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
        assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 "), answer);
      } catch (java.io.IOException | AssertionError e) {
        failures.add(
            new AssertionError("request " + new String(request, StandardCharsets.ISO_8859_1), e));
      }
    }
  }

  /** A request with one to four things wrong, or by luck none. */
  private static byte[] malformed(Random random) {
    List<Case> bad = refused();
    String request =
        switch (random.nextInt(4)) {
          case 0 -> bad.get(random.nextInt(bad.size())).request();
          case 1 ->
              "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n";
          case 2 ->
              "HEAD /v2/a/b/blobs/sha256:0?ns=x HTTP/1.1\r\nHost: h\r\nRange: bytes=0-\r\n\r\n";
          default -> GET + "Connection: keep-alive\r\n\r\n" + GET + "\r\n";
        };
    StringBuilder text = new StringBuilder(request);
    for (int changes = 1 + random.nextInt(4); changes > 0 && !text.isEmpty(); changes--) {
      int at = random.nextInt(Math.min(text.length(), 200));
      switch (random.nextInt(5)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(256));
        case 1 -> text.insert(at, "\r\n\0 \t:%".charAt(random.nextInt(7)));
        case 2 -> text.deleteCharAt(at);
        case 3 -> text.setLength(at);
        default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 20)));
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
