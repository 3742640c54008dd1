package spegel.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.http.HttpFields;
import spegel.http.Transport;

/** Requests to peers, right and wrong ones. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LaneTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final byte[] HELLO = ScriptedPeer.bytes("hello");

  private static PeerClient client(Transport transport) {
    return client(transport, options(64));
  }

  private static PeerClient client(Transport transport, PeerClientOptions options) {
    return PeerClient.start(options, transport, new Carriers(false));
  }

  private static PeerClientOptions options(int maxConnections) {
    return new PeerClientOptions(
        1, Duration.ofMillis(500), 8, 16, Duration.ofSeconds(60), maxConnections);
  }

  private static PeerRequest get(InetSocketAddress... addresses) {
    return new PeerRequest(List.of(addresses), "GET", "/v2/a?ns=b", HttpFields.of("X-A", "b"));
  }

  private static ScriptedPeer hello() throws IOException {
    return saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  }

  private static ScriptedPeer saying(String answer) throws IOException {
    return new ScriptedPeer(
        (head, connection, out) -> {
          out.write(ScriptedPeer.bytes(answer));
          return true;
        });
  }

  private static byte[] readAll(PeerResponse response) throws IOException, InterruptedException {
    ByteBuffer all = ByteBuffer.allocate((int) response.contentLength() + 1);
    while (response.read(all, LONG) >= 0) {
      assertTrue(all.hasRemaining());
    }
    return Arrays.copyOf(all.array(), all.position());
  }

  private static int idle(Lane lane) throws Exception {
    return lane.loop().submit(() -> lane.connections().idleCount()).get();
  }

  private static int open(Lane lane) throws Exception {
    return lane.loop().submit(() -> lane.connections().openCount()).get();
  }

  // Connections and their reuse.

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_usesOneConnectionForRequestsOneAfterTheOther(Transport transport) throws Exception {
    try (ScriptedPeer peer = hello();
        PeerClient client = client(transport)) {
      for (int i = 0; i < 20; i++) {
        try (PeerResponse response = client.lane().send(get(peer.address()), LONG)) {
          assertEquals(200, response.status());
          assertEquals(peer.address(), response.address());
          assertArrayEquals(HELLO, readAll(response));
        }
      }
      assertEquals(1, peer.connections());
      assertEquals(
          "GET /v2/a?ns=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-A: b\r\n\r\n"
              .formatted(peer.address().getPort()),
          peer.requests().peek());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_opensAnotherConnection_whileOneIsInUse(Transport transport) throws Exception {
    byte[] content = new byte[100_000];
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        PeerClient client = client(transport);
        PeerResponse first = client.lane().send(get(peer.address()), LONG);
        PeerResponse second = client.lane().send(get(peer.address()), LONG)) {
      assertArrayEquals(content, readAll(second));
      assertArrayEquals(content, readAll(first));
      assertEquals(2, peer.connections());
      Waiting.until("both kept", () -> countIdle(client.lane()) == 2);
    }
  }

  private static int countIdle(Lane lane) {
    try {
      return idle(lane);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static int countOpen(Lane lane) {
    try {
      return open(lane);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void close_keepsTheConnection_whenTheRestIsShort_andElseClosesIt(Transport transport)
      throws Exception {
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  int bytes = head.contains("/short") ? 10_000 : 10_000_000;
                  out.write(ScriptedPeer.head(404, bytes));
                  out.write(new byte[bytes]);
                  return true;
                });
        PeerClient client = client(transport)) {
      Lane lane = client.lane();
      PeerRequest small =
          new PeerRequest(List.of(peer.address()), "GET", "/short", HttpFields.NONE);
      try (PeerResponse response = lane.send(small, LONG)) {
        // A byte that comes behind the head: by then all of the short body is there, or nearly.
        ByteBuffer most = ByteBuffer.allocate(9_999);
        while (most.hasRemaining()) {
          response.read(most, LONG);
        }
        assertEquals(404, response.status());
      }
      Waiting.until("kept", () -> countIdle(lane) == 1);
      lane.send(get(peer.address()), LONG).close();
      Waiting.until("closed", () -> countOpen(lane) == 0 && peer.open() == 0);
      assertEquals(1, peer.connections());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void connection_isNotKept_whenThePeerSaysSoOrSaysTooMuch(Transport transport) throws Exception {
    for (String answer :
        List.of(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n")) {
      try (ScriptedPeer peer = saying(answer);
          PeerClient client = client(transport)) {
        for (int i = 1; i <= 3; i++) {
          try (PeerResponse response = client.lane().send(get(peer.address()), LONG)) {
            assertArrayEquals(HELLO, readAll(response));
          }
          assertEquals(i, peer.connections());
        }
        Waiting.until("all closed", () -> peer.open() == 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void idleConnection_isForgotten_whenThePeerEndsIt(Transport transport) throws Exception {
    try (ScriptedPeer peer = hello();
        PeerClient client = client(transport)) {
      client.lane().send(get(peer.address()), LONG).close();
      Waiting.until("kept", () -> countIdle(client.lane()) == 1);
      peer.dropAll();
      Waiting.until("forgotten", () -> countOpen(client.lane()) == 0);
      client.lane().send(get(peer.address()), LONG).close();
      assertEquals(2, peer.connections());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void request_isSentAnew_whenItMetAConnectionThatWasJustClosing(Transport transport)
      throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  // The second request on a connection is met by its end.
                  if (requests.incrementAndGet() == 2) {
                    return false;
                  }
                  out.write(ScriptedPeer.head(200, 0));
                  return true;
                });
        PeerClient client = client(transport)) {
      for (int i = 0; i < 2; i++) {
        try (PeerResponse response = client.lane().send(get(peer.address()), LONG)) {
          assertEquals(200, response.status());
        }
      }
      assertEquals(3, requests.get());
      assertEquals(2, peer.connections());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void idleConnection_isClosed_afterItsTime(Transport transport) throws Exception {
    PeerClientOptions options =
        new PeerClientOptions(1, Duration.ofMillis(500), 8, 16, Duration.ofMillis(100), 64);
    try (ScriptedPeer peer = hello();
        PeerClient client = client(transport, options)) {
      client.lane().send(get(peer.address()), LONG).close();
      Waiting.until("closed", () -> peer.connections() == 1 && peer.open() == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void idleConnections_areBounded_forEachPeerAndInAll(Transport transport) throws Exception {
    PeerClientOptions options =
        new PeerClientOptions(1, Duration.ofMillis(500), 2, 3, Duration.ofSeconds(60), 64);
    try (ScriptedPeer one = hello();
        ScriptedPeer other = hello();
        PeerClient client = client(transport, options)) {
      Lane lane = client.lane();
      for (ScriptedPeer peer : List.of(one, other)) {
        List<PeerConnection> connections = new ArrayList<>();
        lane.loop()
            .submit(
                () -> {
                  for (int i = 0; i < 4; i++) {
                    connections.add(lane.connections().connect(peer.address()));
                  }
                  return true;
                })
            .get();
        Waiting.until("connected", () -> peer.connections() == 4);
        lane.loop()
            .submit(
                () -> {
                  for (PeerConnection connection : connections) {
                    assertTrue(connection.socket().finishConnect());
                    connection.giveBack();
                  }
                  return true;
                })
            .get();
        Waiting.until("two kept", () -> peer.open() == 2);
      }
      Waiting.until("three in all", () -> one.open() + other.open() == 3);
      assertEquals(3, idle(lane));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void connections_areBounded_andWhoWaitsGetsTheNext(Transport transport) throws Exception {
    byte[] content = new byte[1_000_000];
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        PeerClient client = client(transport, options(1))) {
      Lane lane = client.lane();
      PeerResponse first = lane.send(get(peer.address()), LONG);
      IOException e =
          assertThrows(
              IOException.class, () -> lane.send(get(peer.address()), Duration.ofMillis(100)));
      assertTrue(
          String.valueOf(e.getMessage()).contains("found no free connection"), e.getMessage());
      CompletableFuture<PeerResponse> second = new CompletableFuture<>();
      Thread waiting =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      second.complete(lane.send(get(peer.address()), LONG));
                    } catch (IOException | InterruptedException f) {
                      second.completeExceptionally(f);
                    }
                  });
      assertArrayEquals(content, readAll(first));
      try (PeerResponse response = second.get()) {
        assertArrayEquals(content, readAll(response));
      }
      waiting.join();
      assertEquals(1, peer.connections());
    }
  }

  // Addresses.

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_goesOnToTheNextAddress_whenOneRefusesOrIsSilent(Transport transport) throws Exception {
    try (ScriptedPeer peer = hello();
        Unanswering silent = new Unanswering();
        PeerClient client = client(transport)) {
      for (InetSocketAddress dead : List.of(refusing(), silent.address())) {
        try (PeerResponse response = client.lane().send(get(dead, peer.address()), LONG)) {
          assertEquals(peer.address(), response.address());
        }
      }
      Waiting.until("the losers are closed", () -> countOpen(client.lane()) == 1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_takesIpv6OrIpv4_whicheverConnects(Transport transport) throws Exception {
    InetAddress ipv6 = InetAddress.ofLiteral("::1");
    ScriptedPeer.Script hello =
        (head, connection, out) -> {
          out.write(ScriptedPeer.head(200, 0));
          return true;
        };
    try (ScriptedPeer six = new ScriptedPeer(ipv6, hello);
        ScriptedPeer four = new ScriptedPeer(hello);
        Unanswering silent = new Unanswering();
        PeerClient client = client(transport)) {
      try (PeerResponse response = client.lane().send(get(silent.address(), six.address()), LONG)) {
        assertEquals(six.address(), response.address());
      }
      InetSocketAddress refusing = new InetSocketAddress(ipv6, refusing().getPort());
      try (PeerResponse response = client.lane().send(get(refusing, four.address()), LONG)) {
        assertEquals(four.address(), response.address());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_namesAddressesAndCauses_whenNoneConnects(Transport transport) throws Exception {
    InetSocketAddress refusing = refusing();
    try (Unanswering silent = new Unanswering();
        PeerClient client = client(transport)) {
      IOException e =
          assertThrows(
              IOException.class, () -> client.lane().send(get(silent.address(), refusing), LONG));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("127.0.0.1:" + refusing.getPort()), message);
      assertTrue(message.contains("refused"), message);
      assertTrue(message.contains("no connection in 500 ms"), message);
      assertEquals(0, open(client.lane()));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_waitsLongerForAConnection_whenThePeerIsAtWork(Transport transport) throws Exception {
    try (Unanswering silent = new Unanswering();
        PeerClient client = client(transport)) {
      PeerRequest request =
          new PeerRequest(List.of(silent.address()), "GET", "/v2/a", HttpFields.NONE, true);
      IOException e = assertThrows(IOException.class, () -> client.lane().send(request, LONG));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("no connection in 1500 ms"), message);
    }
  }

  private static InetSocketAddress refusing() throws IOException {
    try (ServerSocket once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return (InetSocketAddress) once.getLocalSocketAddress();
    }
  }

  /** Listens, and has no room for a further connection: who connects hears nothing. */
  private static final class Unanswering implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<Socket> filling = new ArrayList<>();

    Unanswering() throws IOException {
      boolean isFull = false;
      while (!isFull) {
        Socket socket = new Socket();
        filling.add(socket);
        try {
          socket.connect(listener.getLocalSocketAddress(), 200);
        } catch (java.net.SocketTimeoutException e) {
          isFull = true;
        }
      }
    }

    InetSocketAddress address() {
      return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : filling) {
        socket.close();
      }
      listener.close();
    }
  }

  // Answers.

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_skipsInterimAnswers_andReadsHeadsInPieces(Transport transport) throws Exception {
    byte[] answer =
        ScriptedPeer.bytes(
            "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 100 Go On\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nB: c\r\n\r\nhello");
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  for (byte b : answer) {
                    out.write(b);
                    out.flush();
                  }
                  return true;
                });
        PeerClient client = client(transport);
        PeerResponse response = client.lane().send(get(peer.address()), LONG)) {
      assertEquals("c", response.header("b").orElseThrow());
      assertArrayEquals(HELLO, readAll(response));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_refusesWhatItCannotTrust_andClosesTheConnection(Transport transport) throws Exception {
    for (String answer :
        List.of(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: " + "b".repeat(20_000) + "\r\n\r\n",
            "HTTP/1.1 100 Go On\r\n\r\n".repeat(1_000),
            "SSH-2.0-OpenSSH_9.9\r\n\r\n",
            "b".repeat(17_000))) {
      try (ScriptedPeer peer = saying(answer);
          PeerClient client = client(transport)) {
        IOException e =
            assertThrows(IOException.class, () -> client.lane().send(get(peer.address()), LONG));
        assertTrue(String.valueOf(e.getMessage()).startsWith("127.0.0.1:"), e.getMessage());
        Waiting.until("closed", () -> peer.open() == 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void read_fails_whenTheBodyIsShortOrLate(Transport transport) throws Exception {
    for (boolean ends : new boolean[] {true, false}) {
      try (ScriptedPeer peer =
              new ScriptedPeer(
                  (head, connection, out) -> {
                    out.write(ScriptedPeer.head(200, 100_000));
                    out.write(new byte[60_000]);
                    return !ends && connection.getInputStream().read() >= 0;
                  });
          PeerClient client = client(transport);
          PeerResponse response = client.lane().send(get(peer.address()), LONG)) {
        ByteBuffer body = ByteBuffer.allocate(100_000);
        IOException e =
            assertThrows(
                IOException.class,
                () -> {
                  while (response.read(body, Duration.ofMillis(ends ? 10_000 : 200)) >= 0) {}
                });
        assertEquals(60_000, body.position(), e.getMessage());
        Waiting.until("closed", () -> peer.open() == 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void read_takesNoMoreThanIsAskedFor(Transport transport) throws Exception {
    int bytes = 64 * 1024 * 1024;
    CountDownLatch written = new CountDownLatch(1);
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  out.write(ScriptedPeer.head(200, bytes));
                  out.write(new byte[bytes]);
                  written.countDown();
                  return true;
                });
        PeerClient client = client(transport);
        PeerResponse response = client.lane().send(get(peer.address()), LONG)) {
      ByteBuffer some = ByteBuffer.allocate(100_000);
      while (some.hasRemaining()) {
        assertTrue(response.read(some, LONG) > 0);
      }
      assertFalse(written.await(500, TimeUnit.MILLISECONDS), "the peer could send everything");
    }
  }

  // Ends of the wait.

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_closesTheConnection_whenTheAnswerIsLate(Transport transport) throws Exception {
    try (ScriptedPeer peer =
            new ScriptedPeer((head, connection, out) -> connection.getInputStream().read() >= 0);
        PeerClient client = client(transport)) {
      IOException e =
          assertThrows(
              IOException.class,
              () -> client.lane().send(get(peer.address()), Duration.ofMillis(100)));
      assertTrue(
          String.valueOf(e.getMessage()).endsWith("did not answer within 100 ms"), e.getMessage());
      Waiting.until("closed", () -> peer.open() == 0);
      assertEquals(0, open(client.lane()));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_givesUpASilentConnection_whenThePeerTakesNoOther(Transport transport) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  if (requests.incrementAndGet() == 2) {
                    return connection.getInputStream().read() >= 0;
                  }
                  out.write(ScriptedPeer.head(200, 0));
                  return true;
                });
        PeerClient client = client(transport, options(4))) {
      client.lane().send(get(peer.address()), LONG).close();
      peer.refuse();
      IOException e =
          assertThrows(IOException.class, () -> client.lane().send(get(peer.address()), LONG));
      assertTrue(String.valueOf(e.getMessage()).contains("cannot connect"), e.getMessage());
      Waiting.until("closed", () -> peer.open() == 0);
      assertEquals(0, open(client.lane()));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_waitsForASlowAnswer_whenThePeerTakesAnotherConnection(Transport transport)
      throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (ScriptedPeer peer =
            new ScriptedPeer(
                (head, connection, out) -> {
                  if (requests.incrementAndGet() == 2) {
                    Waiting.pause(800);
                  }
                  out.write(ScriptedPeer.head(200, 0));
                  return true;
                });
        PeerClient client = client(transport, options(4))) {
      for (int i = 0; i < 3; i++) {
        client.lane().send(get(peer.address()), LONG).close();
      }
      assertEquals(3, requests.get());
      assertEquals(2, peer.connections());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void send_leaksNothing_whenInterruptedAtAnyMoment(Transport transport) throws Exception {
    long seed = 3;
    Random random = new Random(seed);
    byte[] content = new byte[50_000];
    try (ScriptedPeer peer = ScriptedPeer.of(content);
        PeerClient client = client(transport, options(8))) {
      Lane lane = client.lane();
      for (int i = 0; i < 2_000; i++) {
        Thread sender =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try (PeerResponse response = lane.send(get(peer.address()), LONG)) {
                        response.read(ByteBuffer.allocate(10), LONG);
                      } catch (IOException e) {
                        throw new AssertionError(e);
                      } catch (InterruptedException e) {
                        // That is what is tested.
                      }
                    });
        long spins = random.nextLong(400_000);
        long end = System.nanoTime() + spins;
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
        sender.interrupt();
        sender.join();
      }
      Waiting.until("all closed or idle, seed " + seed, () -> countOpen(lane) == countIdle(lane));
      try (PeerResponse response = lane.send(get(peer.address()), LONG)) {
        assertArrayEquals(content, readAll(response));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void close_failsWhoWaits(Transport transport) throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    PeerClient client = client(transport);
    try (ScriptedPeer peer =
        new ScriptedPeer((head, connection, out) -> connection.getInputStream().read() >= 0)) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  client.lane().send(get(peer.address()), LONG).close();
                } catch (IOException | InterruptedException e) {
                  failure.complete(e);
                }
              });
      Waiting.until("asked", () -> !peer.requests().isEmpty());
      client.close();
      assertTrue(failure.get(10, TimeUnit.SECONDS) instanceof IOException);
      Waiting.until("closed", () -> peer.open() == 0);
      assertThrows(IOException.class, () -> client.lane().send(get(peer.address()), LONG));
    }
  }
}
