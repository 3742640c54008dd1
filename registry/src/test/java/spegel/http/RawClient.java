package spegel.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A connection on which a test writes what it likes, and reads answers byte by byte. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  /** An answer as it came; its fields' names in lower case. */
  public static final class Reply {
    private final int status;
    private final Map<String, String> fields;
    private final byte[] body;

    private Reply(int status, Map<String, String> fields, byte[] body) {
      this.status = status;
      this.fields = fields;
      this.body = body;
    }

    public int status() {
      return status;
    }

    public Map<String, String> fields() {
      return fields;
    }

    public byte[] body() {
      return body;
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public String field(String name) {
      return fields.getOrDefault(name, "");
    }
  }

  private final Socket socket = new Socket();
  private final InputStream in;

  RawClient(HttpServer server) throws IOException {
    this(server, 0);
  }

  /** Connects to a port of the loopback address. */
  public RawClient(int port) throws IOException {
    this(port, 0);
  }

  /** Connects to any address. */
  public RawClient(InetSocketAddress address) throws IOException {
    this(address, 0);
  }

  /**
   * @param receiveBytes the socket's receive buffer; 0 for the system's own
   */
  RawClient(HttpServer server, int receiveBytes) throws IOException {
    this(server.address().getPort(), receiveBytes);
  }

  /**
   * @param receiveBytes the socket's receive buffer; 0 for the system's own
   */
  public RawClient(int port, int receiveBytes) throws IOException {
    this(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), receiveBytes);
  }

  private RawClient(InetSocketAddress address, int receiveBytes) throws IOException {
    if (receiveBytes > 0) {
      socket.setReceiveBufferSize(receiveBytes);
    }
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(address, TIMEOUT_MILLIS);
    in = socket.getInputStream();
  }

  public Socket socket() {
    return socket;
  }

  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Sends a request without a body. */
  public RawClient request(String method, String target, String... lines) throws IOException {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    return send(head + "\r\n");
  }

  public Reply get(String target, String... lines) throws IOException {
    return request("GET", target, lines).reply();
  }

  public Reply head(String target, String... lines) throws IOException {
    return request("HEAD", target, lines).replyHead();
  }

  /** Reads an answer with its body. */
  public Reply reply() throws IOException {
    Reply head = replyHead();
    String length = head.fields().get("content-length");
    byte[] body = in.readNBytes(length == null ? 0 : Integer.parseInt(length));
    return new Reply(head.status(), head.fields(), body);
  }

  /** Reads an answer's head. */
  public Reply replyHead() throws IOException {
    String status = line();
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      String before =
          fields.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
      if (before != null) {
        throw new IOException("twice in one answer: " + line);
      }
    }
    if (!status.startsWith("HTTP/1.1 ")) {
      throw new IOException("no status line: " + status);
    }
    return new Reply(Integer.parseInt(status.substring(9, 12)), fields, new byte[0]);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("connection ended after: " + line);
      }
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /** Reads to the clean end of the connection; a reset is an exception. */
  public byte[] readToEnd() throws IOException {
    return in.readAllBytes();
  }

  public InputStream in() {
    return in;
  }

  /** Closes the connection before the test's block ends. */
  public void leave() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    leave();
  }
}
