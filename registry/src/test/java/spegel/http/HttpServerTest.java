package spegel.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.store.Blob;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpServerTest {
  private static final HttpFields TEXT = HttpFields.of("Content-Type", "text/plain");
  private static final ListenAddress LOOPBACK = new ListenAddress("127.0.0.1", 0);

  @TempDir Path directory;

  private static HttpServer start(HttpHandler handler) throws IOException {
    return HttpServer.start(
        HttpServerOptions.of("test", LOOPBACK).withEventLoops(1, 1), handler, Transport.EPOLL);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Answers with the path; /file/… with a range of the file. */
  private HttpHandler files(byte[] content) throws IOException {
    Path file = directory.resolve("content");
    Files.write(file, content);
    return exchange -> {
      if (!exchange.path().equals("/file")) {
        exchange.respond(200, TEXT, bytes(exchange.path() + "?" + exchange.query()));
        return;
      }
      exchange.runBlocking(
          rest -> {
            try {
              FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
              rest.respond(
                  200,
                  HttpFields.NONE,
                  new Blob.InFile(channel, content.length),
                  0,
                  content.length);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
    };
  }

  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    return content;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void get_answersBytesAndFiles_alternatingOnOneConnection(Transport transport) throws Exception {
    byte[] content = random(3_000_001);
    try (HttpServer server =
            HttpServer.start(
                HttpServerOptions.of("test", LOOPBACK).withEventLoops(1, 2),
                files(content),
                transport);
        RawClient client = new RawClient(server)) {
      for (int i = 0; i < 20; i++) {
        assertEquals("/a?b=c", client.get("/a?b=c").text());
        assertArrayEquals(content, client.get("/file").body());
      }
    }
  }

  @Test
  void head_hasTheLengthAndNoBody_ofBytesAndFiles() throws Exception {
    try (HttpServer server = start(files(random(100_000)));
        RawClient client = new RawClient(server)) {
      assertEquals("100000", client.head("/file").field("content-length"));
      assertEquals("3", client.head("/a").field("content-length"));
      assertEquals("/a?", client.get("/a").text());
    }
  }

  @Test
  void pipelinedRequests_areAnsweredInOrder() throws Exception {
    byte[] content = random(1_000_000);
    try (HttpServer server = start(files(content));
        RawClient client = new RawClient(server)) {
      client.request("GET", "/1").request("GET", "/file").request("GET", "/2");
      assertEquals("/1?", client.reply().text());
      assertArrayEquals(content, client.reply().body());
      assertEquals("/2?", client.reply().text());
    }
  }

  @Test
  void memoryBlob_isSentWhole_whenLargerThanAPiece() throws Exception {
    byte[] content = random(500_000);
    try (HttpServer server =
            start(
                exchange ->
                    exchange.respond(
                        206,
                        TEXT,
                        new Blob.InMemory(ByteBuffer.wrap(content)),
                        1,
                        content.length - 2));
        RawClient client = new RawClient(server)) {
      RawClient.Reply reply = client.get("/");
      assertEquals(206, reply.status());
      assertArrayEquals(Arrays.copyOfRange(content, 1, content.length - 1), reply.body());
    }
  }

  @Test
  void failingHandler_isAnswered500_andTheConnectionGoesOn() throws Exception {
    try (HttpServer server =
            start(
                exchange -> {
                  if (exchange.path().equals("/fail")) {
                    throw new IllegalStateException("on purpose");
                  }
                  if (exchange.path().equals("/worker")) {
                    exchange.runBlocking(
                        rest -> {
                          throw new IllegalStateException("on purpose");
                        });
                  }
                  if (exchange.path().equals("/ok")) {
                    exchange.respond(200, TEXT, bytes("ok"));
                  }
                });
        RawClient client = new RawClient(server)) {
      assertEquals(500, client.get("/fail").status());
      assertEquals(500, client.get("/worker").status());
      assertEquals(500, client.get("/nothing").status());
      assertEquals(200, client.get("/ok").status());
    }
  }

  @Test
  void connectionClose_endsCleanly_afterTheAnswer() throws Exception {
    try (HttpServer server = start(files(random(10)));
        RawClient client = new RawClient(server)) {
      RawClient.Reply reply = client.get("/x", "Connection: close");
      assertEquals("close", reply.field("connection"));
      assertEquals(0, client.readToEnd().length);
    }
  }

  @Test
  void oldHttp_endsCleanly_afterTheAnswer() throws Exception {
    try (HttpServer server = start(files(random(10)));
        RawClient client = new RawClient(server)) {
      client.send("GET /old HTTP/1.0\r\n\r\n");
      assertTrue(new String(client.readToEnd(), StandardCharsets.UTF_8).endsWith("/old?"));
    }
  }
}
