package spegel.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * A peer's answer: its head, and its body still with the connection. Closed by whoever holds it,
 * unless a {@link Relay} took it over; one whose body has been read to its end gives its connection
 * back.
 */
public final class PeerResponse implements AutoCloseable {

  /** Which of the request's addresses answered. */
  public InetSocketAddress address() {
    throw new UnsupportedOperationException();
  }

  /** 200 to 599. */
  public int status() {
    throw new UnsupportedOperationException();
  }

  /** The first value of the field of this name, which is compared without case. */
  public Optional<String> header(String name) {
    throw new UnsupportedOperationException();
  }

  /**
   * Bytes of the body, or for HEAD of the body that GET would have. An answer without a length, or
   * with a transfer coding, is refused before it becomes a PeerResponse.
   */
  public long contentLength() {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads more of the body into the buffer; waits until there is some.
   *
   * @return bytes read; -1 at the end of the body
   * @throws IOException when the peer ends it early, or no byte comes in time
   */
  public int read(ByteBuffer into, Duration timeout) throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Gives the connection back when the body is at its end or short, else closes it. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
