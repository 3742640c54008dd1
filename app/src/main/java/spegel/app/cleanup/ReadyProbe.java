package spegel.app.cleanup;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One {@code GET /readyz}, of which only the status is read. */
final class ReadyProbe {
  private static final int STATUS_BYTES = "HTTP/1.1 200".length();
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})");

  private ReadyProbe() {}

  /**
   * The status that an address answers.
   *
   * @param timeoutMillis how long connecting and answering may take together
   */
  static int status(InetSocketAddress address, int timeoutMillis) throws IOException {
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    try (Socket socket = new Socket()) {
      socket.connect(address, timeoutMillis);
      String ip = address.getAddress().getHostAddress();
      String host = (ip.indexOf(':') >= 0 ? "[" + ip + "]" : ip) + ":" + address.getPort();
      String request = "GET /readyz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      byte[] status = new byte[STATUS_BYTES];
      InputStream in = socket.getInputStream();
      for (int read = 0; read < STATUS_BYTES; ) {
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
        if (leftMillis <= 0) {
          throw new SocketTimeoutException("Read timed out");
        }
        socket.setSoTimeout((int) leftMillis);
        int bytes = in.read(status, read, STATUS_BYTES - read);
        if (bytes < 0) {
          throw new ProtocolException("no answer");
        }
        read += bytes;
      }
      return parse(new String(status, StandardCharsets.ISO_8859_1));
    }
  }

  private static int parse(String statusLine) throws ProtocolException {
    Matcher matcher = STATUS.matcher(statusLine);
    if (!matcher.matches()) {
      throw new ProtocolException("the answer is not HTTP/1.1");
    }
    return Integer.parseInt(matcher.group(1));
  }
}
