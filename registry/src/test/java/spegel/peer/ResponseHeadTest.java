package spegel.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseHeadTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";

  private static ResponseHead parse(String text, boolean headOnly) throws IOException {
    byte[] bytes = ScriptedPeer.bytes(text);
    int end = ResponseHead.end(bytes, 0, bytes.length);
    if (end < 0) {
      throw new IOException("no end");
    }
    return ResponseHead.parse(bytes, 0, end, headOnly);
  }

  @Test
  void parse_readsStatusFieldsAndLength() throws IOException {
    ResponseHead head =
        parse(OK + "Content-Length: 12\r\nX-A:  b c \r\nx-a: second\r\nEmpty:\r\n\r\nbody", false);
    assertEquals(200, head.status());
    assertEquals(12, head.contentLength());
    assertEquals(12, head.bodyLength(false));
    assertEquals(0, head.bodyLength(true));
    assertEquals(Optional.of("b c"), head.field("X-a"));
    assertEquals(Optional.of(""), head.field("empty"));
    assertEquals(Optional.empty(), head.field("other"));
    assertTrue(head.keepAlive());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: x\r\nConnection: y, Close\r\n\r\n"
      })
  void parse_seesThatTheConnectionEnds(String text) throws IOException {
    assertFalse(parse(text, false).keepAlive());
  }

  @Test
  void parse_needsNoLength_whereThereIsNoBody() throws IOException {
    assertEquals(0, parse("HTTP/1.1 304 Not Modified\r\n\r\n", false).contentLength());
    assertEquals(0, parse("HTTP/1.1 204\r\n\r\n", false).bodyLength(false));
    assertEquals(0, parse("HTTP/1.1 404 Not Found\r\n\r\n", true).contentLength());
    assertTrue(parse("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", false).isInterim());
    assertEquals(7, parse("HTTP/1.1 304 x\r\nContent-Length: 7\r\n\r\n", false).contentLength());
    assertEquals(0, parse("HTTP/1.1 304 x\r\nContent-Length: 7\r\n\r\n", false).bodyLength(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n: no name\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nA: b\nC: d\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nA: b\rC: d\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nA: b\0\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 099 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 600 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1  200 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.2 200 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/2 200 OK\r\nContent-Length: 1\r\n\r\n",
        "\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n"
      })
  void parse_refuses(String text) {
    assertThrows(IOException.class, () -> parse(text, false));
  }

  @Test
  void parse_refusesALengthlessAnswerToHead_whenItIsNoFailure() {
    assertThrows(IOException.class, () -> parse(OK + "\r\n", true));
  }

  @Test
  void parse_refusesTooManyFields() throws IOException {
    String length = "Content-Length: 1\r\n";
    assertEquals(1, parse(OK + length + "A: b\r\n".repeat(99) + "\r\n", false).contentLength());
    assertThrows(
        IOException.class, () -> parse(OK + length + "A: b\r\n".repeat(100) + "\r\n", false));
  }

  @Test
  void parse_throwsNothingElse_whenGivenAnything() {
    long seed = 20261125;
    Random random = new Random(seed);
    String valid = OK + "Content-Length: 12\r\nConnection: keep-alive\r\nA: b\r\n\r\n";
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder(valid);
      for (int changes = random.nextInt(6); changes >= 0; changes--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(256));
          case 1 -> text.insert(at, "\r\n\0 \t:,".charAt(random.nextInt(7)));
          default -> text.deleteCharAt(at);
        }
      }
      try {
        ResponseHead head = parse(text.toString(), random.nextBoolean());
        assertTrue(head.status() >= 100 && head.status() <= 599 && head.contentLength() >= 0);
      } catch (IOException e) {
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + text, e);
      }
    }
  }
}
