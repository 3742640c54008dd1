package spegel.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.store.Blob;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpServerTest {
  @TempDir Path directory;

  private static HttpServer start(HttpHandler handler) throws IOException {
    return HttpServer.start(Servers.options(), handler);
  }

  /** Answers {@code /file} with these bytes from a file, all else with the target. */
  private HttpHandler file(byte[] content) throws IOException {
    return Servers.filesOr(Files.write(directory.resolve("content"), content), Servers::echo);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void get_answersBytesAndFiles_alternatingOnOneConnection(Transport transport) throws Exception {
    byte[] content = Servers.random(3_000_001);
    try (HttpServer server = HttpServer.start(Servers.options(), file(content), transport);
        RawClient client = new RawClient(server)) {
      for (int i = 0; i < 10; i++) {
        assertEquals("/a?b=c", client.get("/a?b=c").text());
        assertArrayEquals(content, client.get("/file").body());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void connections_survive10000MovesBetweenLoops(Transport transport) throws Exception {
    byte[] content = Servers.random(1_000);
    int connections = 4;
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    try (HttpServer server = HttpServer.start(Servers.options(), file(content), transport)) {
      List<Thread> clients = new CopyOnWriteArrayList<>();
      for (int c = 0; c < connections; c++) {
        clients.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try (RawClient client = new RawClient(server)) {
                        for (int i = 0; i < 10_000 / connections / 2; i++) {
                          client.request("GET", "/file").request("GET", "/m");
                          assertArrayEquals(content, client.reply().body());
                          assertEquals("/m?", client.reply().text());
                        }
                      } catch (IOException | AssertionError e) {
                        failures.add(e);
                      }
                    }));
      }
      for (Thread client : clients) {
        client.join();
      }
    }
    assertEquals(List.of(), failures);
  }

  @Test
  void head_hasTheLengthAndNoBody_ofBytesAndFiles() throws Exception {
    try (HttpServer server = start(file(Servers.random(100_000)));
        RawClient client = new RawClient(server)) {
      assertEquals("100000", client.head("/file").field("content-length"));
      assertEquals("3", client.head("/a").field("content-length"));
      assertEquals("/a?", client.get("/a").text());
    }
  }

  @Test
  void pipelinedRequests_areAnsweredInOrder() throws Exception {
    byte[] content = Servers.random(1_000_000);
    try (HttpServer server = start(file(content));
        RawClient client = new RawClient(server)) {
      client.request("GET", "/1").request("GET", "/file").request("GET", "/2");
      client.socket().shutdownOutput();
      assertEquals("/1?", client.reply().text());
      assertArrayEquals(content, client.reply().body());
      assertEquals("/2?", client.reply().text());
      assertEquals(0, client.readToEnd().length);
    }
  }

  @Test
  void memoryBlob_isSentWhole_whenLargerThanAPiece() throws Exception {
    byte[] content = Servers.random(500_000);
    HttpHandler handler =
        exchange ->
            exchange.respond(
                206,
                Servers.TEXT,
                new Blob.InMemory(ByteBuffer.wrap(content)),
                1,
                content.length - 2);
    try (HttpServer server = start(handler);
        RawClient client = new RawClient(server)) {
      RawClient.Reply reply = client.get("/");
      assertEquals(206, reply.status());
      assertArrayEquals(Arrays.copyOfRange(content, 1, content.length - 1), reply.body());
    }
  }

  @Test
  void failingHandler_isAnswered500_andTheConnectionGoesOn() throws Exception {
    HttpHandler handler =
        exchange -> {
          switch (exchange.path()) {
            case "/fail" -> throw new IllegalStateException("on purpose");
            case "/worker" ->
                exchange.runBlocking(
                    rest -> {
                      throw new IllegalStateException("on purpose");
                    });
            case "/ok" -> Servers.echo(exchange);
            default -> {}
          }
        };
    try (LogCapture log = new LogCapture();
        HttpServer server = start(handler);
        RawClient client = new RawClient(server)) {
      assertEquals(500, client.get("/fail").status());
      assertEquals(500, client.get("/worker").status());
      assertEquals(500, client.get("/nothing").status());
      assertEquals(200, client.get("/ok").status());
      assertEquals(2, log.stackTraces().size());
    }
  }

  @Test
  void respond_closesTheBlobAndThrows_whenAnsweredAlready() throws Exception {
    Path file = Files.write(directory.resolve("content"), Servers.random(10));
    List<Blob.InFile> blobs = new CopyOnWriteArrayList<>();
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    HttpHandler handler =
        exchange -> {
          Servers.echo(exchange);
          Blob.InFile blob = Servers.open(file);
          blobs.add(blob);
          thrown.add(
              assertThrows(
                  IllegalStateException.class,
                  () -> exchange.respond(200, HttpFields.NONE, blob, 0, 10)));
        };
    try (HttpServer server = start(handler);
        RawClient client = new RawClient(server)) {
      assertEquals(200, client.get("/").status());
      Servers.await("the second answer", () -> !thrown.isEmpty());
      assertFalse(blobs.getFirst().channel().isOpen());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /old HTTP/1.0\r\n\r\n",
        "GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
      })
  void oldHttp_endsCleanly_afterTheAnswer(String request) throws Exception {
    try (HttpServer server = start(Servers::echo);
        RawClient client = new RawClient(server)) {
      client.send(request);
      String all = new String(client.readToEnd(), StandardCharsets.UTF_8);
      assertTrue(all.contains("Connection: close\r\n") && all.endsWith("/old?"), all);
    }
  }

  @Test
  void connectionClose_endsCleanly_afterTheAnswer() throws Exception {
    try (HttpServer server = start(Servers::echo);
        RawClient client = new RawClient(server)) {
      RawClient.Reply reply = client.get("/x", "Connection: close");
      assertEquals("close", reply.field("connection"));
      assertEquals(0, client.readToEnd().length);
    }
  }

  @Test
  void target_losesItsAuthority_whenAbsolute() throws Exception {
    try (HttpServer server = start(Servers::echo);
        RawClient client = new RawClient(server)) {
      assertEquals("/v2/?a=b", client.get("http://other:1/v2/?a=b").text());
      assertEquals("/?", client.get("HTTPS://other").text());
      assertEquals("/?q", client.get("http://other?q").text());
    }
  }

  @Test
  void requestBody_isForgotten_withinItsBound() throws Exception {
    try (HttpServer server = start(Servers::echo);
        RawClient client = new RawClient(server)) {
      client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n");
      client.send(new byte[60_000]);
      assertEquals("/a?", client.reply().text());
      client.send("PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("3\r\nabc\r\n0\r\n\r\n");
      assertEquals("/b?", client.reply().text());
      client.send(
          "PUT /c HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      assertEquals(100, client.replyHead().status());
      client.send("ab");
      assertEquals("/c?", client.reply().text());
    }
  }

  @Test
  void respond_refusesFieldsThatEndTheLine() {
    for (String value : new String[] {"a\r\nX: y", "a\nb", "a\rb", "a\0b", "é"}) {
      assertThrows(IllegalArgumentException.class, () -> HttpFields.of("X", value));
    }
    for (String name : new String[] {"", "a b", "a:", "a\r\n"}) {
      if (name.length() > 0) {
        assertThrows(IllegalArgumentException.class, () -> HttpFields.of(name, "x"));
      }
    }
  }

  @Test
  void listenAddress_isOfBothFamilies_withoutAHost() throws Exception {
    HttpServerOptions options = HttpServerOptions.of("test", ListenAddress.parse(":0"));
    try (HttpServer server = HttpServer.start(options, Servers::echo)) {
      for (String host : new String[] {"127.0.0.1", "::1"}) {
        if (host.equals("::1") && !(server.address().getAddress() instanceof Inet6Address)) {
          continue;
        }
        try (Socket socket = new Socket()) {
          socket.connect(
              new InetSocketAddress(InetAddress.getByName(host), server.address().getPort()), 1000);
        }
      }
    }
  }

  @Test
  void start_namesTheAddress_whenItIsTaken() throws Exception {
    try (HttpServer server = start(Servers::echo)) {
      ListenAddress taken = new ListenAddress("127.0.0.1", server.address().getPort());
      IOException e =
          assertThrows(
              IOException.class,
              () -> HttpServer.start(HttpServerOptions.of("second", taken), Servers::echo));
      assertTrue(String.valueOf(e.getMessage()).contains(taken.toString()), e.getMessage());
    }
  }
}
