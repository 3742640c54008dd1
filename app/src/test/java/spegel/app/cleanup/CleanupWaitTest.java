package spegel.app.cleanup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CleanupWaitTest {
  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String NOT_READY = "HTTP/1.1 500 Internal Server Error\r\n\r\n";

  private final List<Node> nodes = new ArrayList<>();
  private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void stop() throws IOException {
    for (Node node : nodes) {
      node.socket.close();
    }
  }

  @Test
  void await_returns_whenAllAnsweredThresholdTimes() throws Exception {
    Node first = new Node("127.0.0.1", 0, OK);
    Node second = new Node("127.0.0.2", first.port(), OK);

    wait(first.port(), resolved("127.0.0.1", "127.0.0.2")).await(3, PERIOD);

    assertEquals(3, first.requests.size());
    assertEquals(3, second.requests.size());
    assertEquals(
        "GET /readyz HTTP/1.1\nHost: 127.0.0.1:" + first.port() + "\nConnection: close",
        first.requests.peek());
    assertEquals(List.of(PERIOD, PERIOD), pauses);
  }

  @Test
  void await_countsAnew_whenOneIsNotReadyOrTheLookupFails() throws Exception {
    Node node = new Node("127.0.0.1", 0, OK, OK, NOT_READY, OK, OK, OK);
    Queue<Boolean> lookups = new ArrayDeque<>(List.of(true, true, true, true, false));
    CleanupWait.Resolver resolver =
        host -> {
          if (Boolean.FALSE.equals(lookups.poll())) {
            throw new UnknownHostException(host);
          }
          return resolved("127.0.0.1").resolve(host);
        };

    wait(node.port(), resolver).await(3, PERIOD);

    // 200 200 500 200 - 200 200 200: three in a row come last.
    assertEquals(7, node.requests.size());
    assertEquals(7, pauses.size());
  }

  @Test
  void await_asksForNamesAnew_eachTime() throws Exception {
    Node first = new Node("127.0.0.1", 0, OK);
    Node late = new Node("127.0.0.2", first.port(), OK);
    Queue<CleanupWait.Resolver> lookups =
        new ArrayDeque<>(List.of(resolved("127.0.0.1"), resolved("127.0.0.1", "127.0.0.2")));

    wait(first.port(), host -> lookups.remove().resolve(host)).await(2, PERIOD);

    assertEquals(2, first.requests.size());
    assertEquals(1, late.requests.size());
  }

  @Test
  void await_goesOn_whenNothingListens() throws Exception {
    Node node = new Node("127.0.0.1", 0, OK);
    Queue<CleanupWait.Resolver> lookups =
        new ArrayDeque<>(
            List.of(resolved("127.0.0.1", "127.0.0.3"), host -> List.of(), resolved("127.0.0.1")));

    wait(node.port(), host -> lookups.remove().resolve(host)).await(1, PERIOD);

    assertEquals(0, lookups.size());
  }

  @Test
  void await_isGivenUp_whenInterrupted() throws Exception {
    Thread.currentThread().interrupt();
    CleanupWait wait =
        new CleanupWait("nodes", 1, host -> List.of(), InstantSource.system(), Thread::sleep);
    assertThrows(InterruptedException.class, () -> wait.await(1, PERIOD));
  }

  @Test
  void status_timesOut_whenAnswerComesTooSlowly() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      InetSocketAddress address =
          new InetSocketAddress(silent.getInetAddress(), silent.getLocalPort());
      assertThrows(SocketTimeoutException.class, () -> ReadyProbe.status(address, 50));
    }
  }

  @Test
  void status_fails_whenAnswerIsNotHttp() throws Exception {
    Node node = new Node("127.0.0.1", 0, "SSH-2.0-OpenSSH_9.6\r\n");
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port());
    IOException e = assertThrows(IOException.class, () -> ReadyProbe.status(address, 5000));
    assertTrue(e.toString().contains("not HTTP"), e::toString);
  }

  private CleanupWait wait(int port, CleanupWait.Resolver resolver) {
    return new CleanupWait(
        "nodes", port, resolver, InstantSource.fixed(Instant.EPOCH), pauses::add);
  }

  private static CleanupWait.Resolver resolved(String... addresses) {
    return host -> {
      List<InetAddress> resolved = new ArrayList<>();
      for (String address : addresses) {
        resolved.add(InetAddress.ofLiteral(address));
      }
      return resolved;
    };
  }

  /** A node that answers each request with the next of its answers, the last one for ever. */
  private final class Node {
    final ServerSocket socket;
    final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Queue<String> answers;

    Node(String address, int port, String... answers) throws IOException {
      this.answers = new ArrayDeque<>(List.of(answers));
      this.socket = new ServerSocket(port, 50, InetAddress.ofLiteral(address));
      nodes.add(this);
      Thread.ofVirtual().start(this::serve);
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (Socket client = socket.accept()) {
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
          List<String> lines = new ArrayList<>();
          for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            lines.add(line);
          }
          requests.add(String.join("\n", lines));
          String answer = answers.size() > 1 ? answers.remove() : answers.element();
          client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
          // The client went away, or the test is over.
        }
      }
    }
  }
}
