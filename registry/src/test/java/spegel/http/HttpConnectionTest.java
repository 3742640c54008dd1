package spegel.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.store.Blob;

/** How connections end, and what they may take. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpConnectionTest {
  private static final int LARGE_BYTES = 64 * 1024 * 1024;
  private static final int RECEIVE_BYTES = 16 * 1024;
  private static final HttpTimeouts LONG = new HttpTimeouts(30_000, 30_000, 30_000, 30_000);

  @TempDir Path directory;

  /** Notes how requests end. */
  private static final class Outcomes implements HttpObserver {
    private final Queue<HttpOutcome> ended = new ConcurrentLinkedQueue<>();

    @Override
    public void requestStarted(String route) {}

    @Override
    public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
      ended.add(outcome);
    }

    HttpOutcome next() throws InterruptedException {
      Servers.await("the end of a request", () -> !ended.isEmpty());
      return ended.remove();
    }
  }

  private Path large() throws IOException {
    Path file = directory.resolve("large");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(LARGE_BYTES);
    }
    return file;
  }

  private static HttpHandler routed(HttpHandler handler) {
    return exchange -> {
      exchange.route("/*");
      handler.handle(exchange);
    };
  }

  // Time-outs.

  private static HttpTimeouts shortHead() {
    return new HttpTimeouts(200, 30_000, 30_000, 1_000);
  }

  @Test
  void head_isCutByFin_whenItComesByteByByte() throws Exception {
    HttpServerOptions options = Servers.options().withTimeouts(shortHead());
    try (HttpServer server = HttpServer.start(options, Servers::echo);
        RawClient client = new RawClient(server)) {
      byte[] head = Servers.bytes("GET / HTTP/1.1\r\nHost: h\r\nX: " + "y".repeat(10_000));
      Thread drip =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Object monitor = new Object();
                    try {
                      for (byte b : head) {
                        client.send(new byte[] {b});
                        synchronized (monitor) {
                          monitor.wait(10);
                        }
                      }
                    } catch (IOException | InterruptedException e) {
                      // The connection has ended, or the test has.
                    }
                  });
      long start = System.nanoTime();
      assertEquals(0, client.readToEnd().length);
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
      client.leave();
      drip.join();
    }
  }

  @Test
  void connection_isCutByFin_whenNothingOrHalfABodyComes() throws Exception {
    HttpServerOptions options = Servers.options().withTimeouts(shortHead());
    try (HttpServer server = HttpServer.start(options, Servers::echo);
        RawClient silent = new RawClient(server);
        RawClient half = new RawClient(server)) {
      half.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
      assertEquals(0, half.readToEnd().length);
      assertEquals(0, silent.readToEnd().length);
    }
  }

  @Test
  void connection_isCutByFin_whenIdle() throws Exception {
    HttpServerOptions options =
        Servers.options().withTimeouts(new HttpTimeouts(30_000, 200, 30_000, 1_000));
    try (HttpServer server = HttpServer.start(options, Servers::echo);
        RawClient client = new RawClient(server)) {
      assertEquals(200, client.get("/").status());
      assertEquals(0, client.readToEnd().length);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void answer_isCut_whenTheReaderStalls(Transport transport) throws Exception {
    Path file = large();
    Outcomes outcomes = new Outcomes();
    HttpServerOptions options =
        Servers.options()
            .withTimeouts(new HttpTimeouts(30_000, 30_000, 300, 300))
            .withObserver(outcomes);
    HttpHandler handler = routed(Servers.filesOr(file, Servers::echo));
    try (HttpServer server = HttpServer.start(options, handler, transport);
        RawClient client = new RawClient(server, RECEIVE_BYTES)) {
      client.request("GET", "/file");
      HttpOutcome outcome = outcomes.next();
      assertFalse(outcome.complete());
      assertTrue(outcome.bodyBytes() < LARGE_BYTES, outcome.toString());
      try (RawClient other = new RawClient(server)) {
        assertEquals(200, other.get("/").status());
      }
    }
  }

  @Test
  void answer_isNotCut_whileTheReaderIsOnlySlow() throws Exception {
    Path file = Files.write(directory.resolve("content"), Servers.random(3_000_000));
    HttpServerOptions options =
        Servers.options().withTimeouts(new HttpTimeouts(30_000, 30_000, 400, 300));
    HttpHandler handler = Servers.filesOr(file, Servers::echo);
    try (HttpServer server = HttpServer.start(options, handler);
        RawClient client = new RawClient(server, RECEIVE_BYTES)) {
      client.request("GET", "/file");
      RawClient.Reply head = client.replyHead();
      byte[] body = new byte[Integer.parseInt(head.field("content-length"))];
      Object monitor = new Object();
      int at = 0;
      while (at < body.length) {
        int bytes = client.in().readNBytes(body, at, Math.min(150_000, body.length - at));
        assertTrue(bytes > 0);
        at += bytes;
        synchronized (monitor) {
          monitor.wait(50);
        }
      }
      assertArrayEquals(Files.readAllBytes(file), body);
    }
  }

  // Clean ends.

  @ParameterizedTest
  @EnumSource(Transport.class)
  void body_isCutByFin_whenTheFileIsTruncated(Transport transport) throws Exception {
    Path file = large();
    Outcomes outcomes = new Outcomes();
    HttpHandler handler = routed(Servers.filesOr(file, Servers::echo));
    try (LogCapture log = new LogCapture();
        HttpServer server =
            HttpServer.start(
                Servers.options().withTimeouts(LONG).withObserver(outcomes), handler, transport);
        RawClient client = new RawClient(server, RECEIVE_BYTES)) {
      client.request("GET", "/file");
      client.replyHead();
      client.in().readNBytes(1);
      try (RandomAccessFile truncated = new RandomAccessFile(file.toFile(), "rw")) {
        truncated.setLength(LARGE_BYTES / 2);
      }
      // A request that nobody reads: closing the socket now would send a RST.
      client.request("GET", "/never");
      int rest = client.readToEnd().length;
      assertTrue(rest < LARGE_BYTES / 2, "no padding: " + rest);
      assertTrue(rest > LARGE_BYTES / 2 - 2 * 1024 * 1024, "what is there is sent: " + rest);
      assertFalse(outcomes.next().complete());
      assertEquals(List.of(), log.stackTraces());
      assertEquals(1, log.messages().size());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void close_cutsBodiesByFin_afterTheGrace(Transport transport) throws Exception {
    Path file = large();
    Outcomes outcomes = new Outcomes();
    HttpHandler handler = routed(Servers.filesOr(file, Servers::echo));
    HttpServerOptions options = Servers.options().withTimeouts(LONG).withObserver(outcomes);
    try (HttpServer server = HttpServer.start(options, handler, transport);
        RawClient client = new RawClient(server, RECEIVE_BYTES)) {
      client.request("GET", "/file").request("GET", "/never");
      client.replyHead();
      Thread closing = Thread.ofPlatform().start(() -> server.close(Duration.ofMillis(100)));
      assertFalse(outcomes.next().complete());
      assertTrue(client.readToEnd().length < LARGE_BYTES);
      client.leave();
      closing.join();
    }
  }

  @Test
  void close_letsAnswersEnd_andEndsIdleConnectionsAtOnce() throws Exception {
    CountDownLatch handling = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    HttpHandler handler =
        exchange -> {
          if (exchange.path().equals("/idle")) {
            Servers.echo(exchange);
            return;
          }
          exchange.runBlocking(
              rest -> {
                handling.countDown();
                try {
                  go.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                Servers.echo(rest);
              });
        };
    try (HttpServer server = HttpServer.start(Servers.options(), handler);
        RawClient idle = new RawClient(server);
        RawClient busy = new RawClient(server)) {
      assertEquals(200, idle.get("/idle").status());
      busy.request("GET", "/busy");
      handling.await();
      Thread closing = Thread.ofPlatform().start(() -> server.close(Duration.ofSeconds(20)));
      assertEquals(0, idle.readToEnd().length);
      idle.leave();
      assertThrows(IOException.class, () -> new RawClient(server).close());
      go.countDown();
      RawClient.Reply reply = busy.reply();
      assertEquals("/busy?", reply.text());
      assertEquals("close", reply.field("connection"));
      assertEquals(0, busy.readToEnd().length);
      busy.leave();
      closing.join();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void file_isClosed_whenTheClientLeaves(Transport transport) throws Exception {
    Path file = large();
    Outcomes outcomes = new Outcomes();
    Queue<Blob.InFile> blobs = new ConcurrentLinkedQueue<>();
    HttpHandler handler =
        routed(
            exchange -> {
              Blob.InFile blob = Servers.open(file);
              blobs.add(blob);
              exchange.respond(200, HttpFields.NONE, blob, 0, blob.size());
            });
    try (LogCapture log = new LogCapture();
        HttpServer server =
            HttpServer.start(
                Servers.options().withTimeouts(LONG).withObserver(outcomes), handler, transport)) {
      for (int i = 0; i < 20; i++) {
        try (RawClient client = new RawClient(server, RECEIVE_BYTES)) {
          client.request("GET", "/file");
          client.in().readNBytes(i * 1000);
          client.socket().setSoLinger(i % 2 == 0, 0);
        }
        assertFalse(outcomes.next().complete());
      }
      Servers.await(
          "files closed", () -> blobs.stream().noneMatch(blob -> blob.channel().isOpen()));
      assertEquals(List.of(), log.messages());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void connections_leaveNothingBehind_whenClientsLeaveWhileTheyMove(Transport transport)
      throws Exception {
    Path file = Files.write(directory.resolve("content"), Servers.random(300_000));
    Outcomes outcomes = new Outcomes();
    Queue<Blob.InFile> blobs = new ConcurrentLinkedQueue<>();
    HttpHandler handler =
        routed(
            exchange -> {
              Blob.InFile blob = Servers.open(file);
              blobs.add(blob);
              exchange.respond(200, HttpFields.NONE, blob, 0, blob.size());
            });
    int rounds = 2_000;
    long seed = 4;
    Random random = new Random(seed);
    try (LogCapture log = new LogCapture();
        HttpServer server =
            HttpServer.start(
                Servers.options().withTimeouts(LONG).withObserver(outcomes), handler, transport)) {
      for (int i = 0; i < rounds; i++) {
        try (RawClient client = new RawClient(server)) {
          client.request("GET", "/file").request("GET", "/file");
          // One byte at least: the request has arrived, and now the connection is on its way.
          client.in().readNBytes(1 + random.nextInt(4) * random.nextInt(100_000));
          client.socket().setSoLinger(random.nextBoolean(), 0);
        }
      }
      Servers.await(
          "files closed, seed " + seed,
          () -> blobs.stream().noneMatch(blob -> blob.channel().isOpen()));
      assertTrue(blobs.size() >= rounds);
      Servers.await("ends told", () -> outcomes.ended.size() == blobs.size());
      assertEquals(List.of(), log.messages(), "seed " + seed);
      assertTrue(isServed(server));
    }
  }

  // Bounds.

  @Test
  void connections_areAnsweredOnceBeyondTheirNumber_andClosedBeyondThat() throws Exception {
    HttpHandler full = exchange -> exchange.respond(404, Servers.TEXT, Servers.bytes("full"));
    HttpServerOptions options = Servers.options().withConnections(2, 1, full);
    try (LogCapture log = new LogCapture();
        HttpServer server = HttpServer.start(options, Servers::echo);
        RawClient first = new RawClient(server);
        RawClient second = new RawClient(server)) {
      assertEquals(200, first.get("/").status());
      assertEquals(200, second.get("/").status());
      try (RawClient third = new RawClient(server);
          RawClient fourth = new RawClient(server)) {
        assertEquals(-1, fourth.in().read());
        RawClient.Reply reply = third.get("/");
        assertEquals("full", reply.text());
        assertEquals("close", reply.field("connection"));
        assertEquals(0, third.readToEnd().length);
      }
      assertEquals(1, log.messages().size(), log.messages().toString());
      second.leave();
      Servers.await("a place", () -> isServed(server));
      assertEquals(200, first.get("/").status());
    }
  }

  @Test
  void idleConnections_makeRoomForNewOnes_theOneIdleForTheLongestTimeFirst() throws Exception {
    HttpHandler full = exchange -> exchange.respond(404, Servers.TEXT, Servers.bytes("full"));
    HttpServerOptions options = Servers.options().withConnections(2, 1, full);
    try (LogCapture log = new LogCapture();
        HttpServer server = HttpServer.start(options, Servers::echo);
        RawClient first = new RawClient(server);
        RawClient second = new RawClient(server)) {
      assertEquals(200, first.get("/").status());
      assertEquals(200, second.get("/").status());
      Servers.pause(1_100);
      assertEquals(200, first.get("/").status());
      try (RawClient third = new RawClient(server)) {
        assertEquals(200, third.get("/").status());
        assertEquals(-1, second.in().read());
        assertEquals(200, first.get("/").status());
        assertEquals(200, third.get("/").status());
      }
      assertEquals(List.of(), log.messages());
    }
  }

  private static boolean isServed(HttpServer server) {
    try (RawClient client = new RawClient(server)) {
      return client.get("/").status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void connection_keepsItsPlace_untilItsHandlerReturns() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch waiting = new CountDownLatch(1);
    HttpHandler handler =
        exchange ->
            exchange.runBlocking(
                rest -> {
                  waiting.countDown();
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  Servers.echo(rest);
                });
    HttpServerOptions options = Servers.options().withConnections(1, 0, Servers::echo);
    try (LogCapture log = new LogCapture();
        HttpServer server = HttpServer.start(options, handler)) {
      try (RawClient gone = new RawClient(server)) {
        gone.request("GET", "/");
        waiting.await();
        gone.socket().setSoLinger(true, 0);
      }
      assertFalse(isServed(server));
      go.countDown();
      Servers.await("a place", () -> isServed(server));
      assertEquals(List.of(), log.stackTraces());
    }
  }

  @Test
  void slowReaders_holdLittleMemory() throws Exception {
    Path file = large();
    ByteBuffer memory = ByteBuffer.allocate(LARGE_BYTES);
    int readers = 100;
    CountDownLatch answered = new CountDownLatch(2 * readers);
    HttpHandler handler =
        exchange -> {
          if (exchange.path().equals("/file")) {
            Servers.respond(exchange, file);
          } else {
            exchange.respond(200, HttpFields.NONE, new Blob.InMemory(memory), 0, LARGE_BYTES);
          }
          answered.countDown();
        };
    List<RawClient> clients = new ArrayList<>();
    long before = directBytes();
    try (HttpServer server = HttpServer.start(Servers.options(), handler)) {
      for (int i = 0; i < 2 * readers; i++) {
        RawClient client = new RawClient(server, RECEIVE_BYTES);
        clients.add(client);
        client.request("GET", i % 2 == 0 ? "/file" : "/memory");
      }
      answered.await();
      for (RawClient client : clients) {
        assertEquals(200, client.replyHead().status());
      }
      long used = directBytes() - before;
      assertTrue(used < 16 * 1024 * 1024, "direct memory of 200 slow readers: " + used);
      for (RawClient client : clients) {
        client.leave();
      }
    }
  }

  @Test
  void slowReaders_haveSmallQueuesInTheKernel_butForAFew() throws Exception {
    Path file = large();
    Outcomes outcomes = new Outcomes();
    HttpServerOptions options = Servers.options().withTimeouts(LONG).withObserver(outcomes);
    int readers = 40;
    List<RawClient> clients = new ArrayList<>();
    try (HttpServer server =
        HttpServer.start(options, routed(Servers.filesOr(file, Servers::echo)), Transport.EPOLL)) {
      for (int i = 0; i < readers; i++) {
        RawClient client = new RawClient(server, RECEIVE_BYTES);
        clients.add(client);
        client.request("GET", "/file");
        assertEquals(200, client.replyHead().status());
      }
      for (RawClient client : clients) {
        client.socket().setSoLinger(true, 0);
        client.close();
      }
      // What the network has taken is what the kernel queued, since nobody read.
      long queuedBytes = 0;
      for (int i = 0; i < readers; i++) {
        queuedBytes += outcomes.next().bodyBytes();
      }
      assertTrue(queuedBytes < 48 * 1024 * 1024, "queued for 40 slow readers: " + queuedBytes);
    }
  }

  private static long directBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @Test
  void pipelinedFlood_isBounded_whileTheServerIsBusy() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    HttpHandler handler =
        exchange ->
            exchange.runBlocking(
                rest -> {
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  Servers.echo(rest);
                });
    try (HttpServer server = HttpServer.start(Servers.options(), handler);
        RawClient client = new RawClient(server)) {
      byte[] requests = Servers.bytes("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n".repeat(20_000));
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      client.send(requests);
                    } catch (IOException e) {
                      // The test is over.
                    }
                  });
      long before = directBytes();
      Servers.await("the sender is stopped by the window", () -> isBlocked(sender));
      assertTrue(directBytes() - before < 4 * 1024 * 1024);
      go.countDown();
      for (int i = 0; i < 20_000; i++) {
        assertEquals("/flood?", client.reply().text());
      }
      sender.join();
    }
  }

  private static boolean isBlocked(Thread thread) {
    return !thread.isAlive()
        || Arrays.stream(thread.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("park"));
  }
}
