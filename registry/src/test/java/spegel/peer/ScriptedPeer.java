package spegel.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A peer on a plain socket that does what a test tells it to, right or wrong. */
final class ScriptedPeer implements AutoCloseable {

  /** What becomes of one request. */
  interface Script {

    /**
     * Answers.
     *
     * @return whether the connection goes on
     */
    boolean answer(String head, Socket connection, OutputStream out)
        throws IOException, InterruptedException;
  }

  private final ServerSocket listener;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final Queue<String> requests = new ConcurrentLinkedQueue<>();

  ScriptedPeer(Script script) throws IOException {
    this(InetAddress.getLoopbackAddress(), script);
  }

  ScriptedPeer(InetAddress address, Script script) throws IOException {
    this.listener = new ServerSocket(0, 512, address);
    this.script = script;
    Thread.ofVirtual().start(this::accept);
  }

  /** Answers every request with the whole content, or the range that it asks for. */
  static ScriptedPeer of(byte[] content) throws IOException {
    return new ScriptedPeer(
        (head, connection, out) -> {
          int from = from(head);
          out.write(head(206, content.length - from));
          out.write(content, from, content.length - from);
          return true;
        });
  }

  /** The offset in the request's {@code Range: bytes=N-}; 0 without. */
  static int from(String head) {
    int at = head.indexOf("\r\nRange: bytes=");
    return at < 0 ? 0 : Integer.parseInt(head.substring(at + 15, head.indexOf('-', at)));
  }

  static byte[] head(int status, long length) {
    return ("HTTP/1.1 " + status + " Status\r\nContent-Length: " + length + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listener.accept();
        connection.setTcpNoDelay(true);
        connections.incrementAndGet();
        open.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      boolean goOn = true;
      while (goOn) {
        String head = readHead(in);
        if (head.isEmpty()) {
          return;
        }
        requests.add(head);
        goOn = script.answer(head, connection, connection.getOutputStream());
      }
    } catch (IOException e) {
      // The other side has left, or the test has ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(connection);
    }
  }

  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        return "";
      }
      head.write(b);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** Connections so far. */
  int connections() {
    return connections.get();
  }

  /** Connections that are open, as this side sees it. */
  int open() {
    return open.size();
  }

  /** The heads of all requests so far. */
  Queue<String> requests() {
    return requests;
  }

  /** Takes no new connections. */
  void refuse() throws IOException {
    listener.close();
  }

  /** Ends the connections that are open. */
  void dropAll() throws IOException {
    for (Socket connection : open) {
      connection.close();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    dropAll();
  }
}
