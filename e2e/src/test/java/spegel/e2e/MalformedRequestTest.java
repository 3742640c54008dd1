package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static spegel.e2e.ServedContent.assertServed;
import static spegel.e2e.ServedContent.tagged;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.LogRecord;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.SpegelNode;

/** The shipped program under requests that no client of good will sends. */
@ExtendWith(FailureLogs.class)
class MalformedRequestTest {
  private static final int REQUESTS = 10_000;
  private static final int THREADS = 4;
  private static final int ANSWER_WITHIN_MILLIS = 15_000;
  private static final int MAX_SERIES = 1_000;
  private static final OciImage IMAGE = ImageBuilder.oci(100).gzipLayer(1_000).build();

  @Test
  void node_keepsServing_underMalformedRequests(@TempDir Path folder) throws Exception {
    Path layout = folder.resolve("layout");
    OciImage.writeLayout(layout, Map.of("upstream.test/team/app:1", IMAGE));
    long seed = System.nanoTime();
    try (SpegelNode node = SpegelNode.overLayout(layout).start();
        ExecutorService senders = Executors.newFixedThreadPool(THREADS)) {
      node.awaitEvents("CREATE", Set.of("upstream.test/team/app:1", IMAGE.digest().toString()));
      List<Future<Integer>> sent = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Callable<Integer> sender = sender(node.registry().base(), seed + thread);
        sent.add(senders.submit(sender));
      }
      int answered = 0;
      for (Future<Integer> one : sent) {
        answered += one.get();
      }
      // A connection may be closed without a word, but not as the rule.
      assertTrue(answered > REQUESTS / 2, answered + " answers, seed " + seed);
      assertServed(node.registry(), tagged("team/app", "1"), IMAGE.root());
      assertEquals(List.of(), node.unstructuredLog(), "seed " + seed);
      List<LogRecord> errors =
          node.log().stream().filter(line -> line.level().equals("ERROR")).toList();
      assertEquals(List.of(), errors, "seed " + seed);
      int series = node.metrics().samples().size();
      assertTrue(series < MAX_SERIES, series + " series, seed " + seed);
    }
  }

  private static Callable<Integer> sender(URI base, long seed) {
    return () -> {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      int answered = 0;
      for (int i = 0; i < REQUESTS / THREADS; i++) {
        byte[] request = malformed(random);
        String answer = exchange(base, request);
        String shown =
            new String(request, 0, Math.min(200, request.length), StandardCharsets.ISO_8859_1);
        if (!answer.isEmpty()) {
          answered++;
          assertTrue(answer.startsWith("HTTP/1."), () -> shown + " -> " + answer);
          assertFalse(answer.startsWith("HTTP/1.1 500"), () -> shown + " -> " + answer);
        }
        assertFalse(answer.contains("root:"), () -> shown + " -> " + answer);
        assertFalse(answer.contains("\nX-Injected:"), () -> shown + " -> " + answer);
      }
      return answered;
    };
  }

  /** The answer, or nothing when the connection was closed or reset instead. */
  private static String exchange(URI base, byte[] request) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(ANSWER_WITHIN_MILLIS);
      socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), ANSWER_WITHIN_MILLIS);
      try {
        socket.getOutputStream().write(request);
        socket.shutdownOutput();
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      } catch (SocketException e) {
        return "";
      }
    }
  }

  private static byte[] malformed(RandomGenerator random) {
    return switch (random.nextInt(10)) {
      case 0 -> noise(random, 1 + random.nextInt(300));
      case 1 -> request(method(random), "/v2/team/app/manifests/1?ns=upstream.test", "");
      case 2 -> request("GET", "/v2/" + traversal(random), "");
      case 3 -> request("GET", "/v2/team/app/manifests/" + text(random, 200), "");
      case 4 -> request("GET", "/v2/team/app/manifests/1?ns=" + text(random, 100), "");
      case 5 ->
          request(
              "GET", "/v2/team/app/blobs/" + IMAGE.digest(), "Range: " + range(random) + "\r\n");
      case 6 -> request("GET", "/" + "a".repeat(random.nextInt(20_000)), "");
      case 7 -> request("GET", "/v2/", "A: " + "b".repeat(random.nextInt(40_000)) + "\r\n");
      case 8 -> request("POST", "/v2/", framing(random));
      default -> mutated(random);
    };
  }

  private static byte[] request(String method, String target, String headers) {
    return (method
            + " "
            + target
            + " HTTP/1.1\r\nHost: x\r\n"
            + headers
            + "Connection: close\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] noise(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String method(RandomGenerator random) {
    return choose(random, "PUT", "DELETE", "PATCH", "get", "BREW", "", "G E T", text(random, 30));
  }

  private static String traversal(RandomGenerator random) {
    return choose(
        random,
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "team/app/blobs/sha256:../../../../etc/passwd",
        "team/app/blobs/sha256:%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "team/app/manifests/..%2f..%2fetc%2fpasswd?ns=upstream.test",
        "team/app/manifests/1%0d%0aX-Injected:%20yes?ns=upstream.test",
        "team/app/manifests/1?ns=upstream.test%0d%0aX-Injected:%20yes",
        "team/app/blobs/sha256:%00" + "a".repeat(63),
        "/".repeat(random.nextInt(2_000)),
        "%" + text(random, 3),
        "team/app/blobs/sha512:" + "0".repeat(random.nextInt(300)));
  }

  private static String range(RandomGenerator random) {
    return choose(
        random,
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=99999999999999999999-",
        "bytes=-99999999999999999999",
        "bytes=0-0,2-3",
        "bytes=" + "0-0,".repeat(2_000),
        "lines=1-2",
        "bytes=-0",
        text(random, 40));
  }

  private static String framing(RandomGenerator random) {
    return choose(
        random,
        "Content-Length: -1\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Expect: 100-continue\r\nContent-Length: 1000000\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\n",
        " folded: header\r\n",
        "no colon here\r\n",
        ": no name\r\n",
        "A: 1\r\n".repeat(500));
  }

  /** A good request with some bytes changed, taken away or put in, or cut short. */
  private static byte[] mutated(RandomGenerator random) {
    byte[] good = request("GET", "/v2/team/app/manifests/1?ns=upstream.test", "Accept: */*\r\n");
    StringBuilder text = new StringBuilder(new String(good, StandardCharsets.ISO_8859_1));
    for (int i = 1 + random.nextInt(5); i > 0 && !text.isEmpty(); i--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(4)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(256));
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.insert(at, (char) random.nextInt(256));
        default -> text.setLength(at);
      }
    }
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Any characters but those that end a request line. */
  private static String text(RandomGenerator random, int maxLength) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(maxLength); i > 0; i--) {
      text.append((char) (33 + random.nextInt(223)));
    }
    return text.toString();
  }

  private static String choose(RandomGenerator random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
