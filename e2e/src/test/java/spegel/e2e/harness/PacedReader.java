package spegel.e2e.harness;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A GET whose body is read when the test says, a piece at a time: the small receive buffer makes
 * the sender wait in between.
 */
public final class PacedReader implements AutoCloseable {
  private static final int RECEIVE_BUFFER_BYTES = 64 << 10;
  private static final Duration READ_WITHIN = Duration.ofSeconds(20);
  private static final int MAX_HEAD_BYTES = 16 << 10;

  private final Socket socket;
  private final DataInputStream in;
  private final String head;

  private PacedReader(Socket socket, DataInputStream in, String head) {
    this.socket = socket;
    this.in = in;
    this.head = head;
  }

  /** Sends the request and reads the head of the answer. */
  public static PacedReader get(URI base, String path) {
    Socket socket = new Socket();
    try {
      socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
      socket.setSoTimeout((int) READ_WITHIN.toMillis());
      socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
      String request =
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
              .formatted(path, base.getAuthority());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      return new PacedReader(socket, in, readHead(in));
    } catch (IOException e) {
      try {
        socket.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw new UncheckedIOException(e);
    }
  }

  private static String readHead(DataInputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!bytes.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      if (bytes.size() > MAX_HEAD_BYTES) {
        throw new AssertionError("no end of the head: " + bytes);
      }
      bytes.write(in.readUnsignedByte());
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  /** The status line and the headers. */
  public String head() {
    return head;
  }

  /** Reads so many bytes of the body, or fewer where it ends. */
  public byte[] read(int bytes) {
    try {
      return in.readNBytes(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the other side has ended the connection in order, nothing being left to read. */
  public boolean atEnd() {
    try {
      in.readByte();
      return false;
    } catch (EOFException e) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
