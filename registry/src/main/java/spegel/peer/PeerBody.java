package spegel.peer;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as it comes: first the bytes that came with the head, then those of the
 * connection, which is given back after the last one. Has one reader at a time; whatever touches
 * the connection runs on its loop.
 */
final class PeerBody {
  private final ByteBuffer ahead;
  private final boolean keepAlive;
  private @Nullable PeerConnection connection;
  private long connectionBytes;

  /**
   * @param ahead of the body, what came with the head
   * @param connectionBytes of the body, what is still to come
   * @param keepAlive whether the connection is good for another request after them
   */
  PeerBody(PeerConnection connection, ByteBuffer ahead, long connectionBytes, boolean keepAlive) {
    this.ahead = ahead;
    this.keepAlive = keepAlive;
    this.connection = connection;
    this.connectionBytes = connectionBytes;
    releaseAtEnd();
  }

  /** Bytes to come. */
  long remaining() {
    return ahead.remaining() + connectionBytes;
  }

  /** What came with the head and has not been read. */
  ByteBuffer ahead() {
    return ahead;
  }

  /** Whether bytes are still to come by the connection. */
  boolean isConnected() {
    return connectionBytes > 0;
  }

  /** The peer's socket. */
  LoopSocket socket() throws IOException {
    PeerConnection current = connection;
    if (current == null) {
      throw new IOException("the answer is closed");
    }
    return current.socket();
  }

  /**
   * Reads from the connection into a direct buffer what is there now.
   *
   * @return bytes; 0 when there are none yet
   * @throws IOException when there will be no more
   */
  int read(ByteBuffer into) throws IOException {
    int limit = into.limit();
    into.limit((int) Math.min(limit, into.position() + connectionBytes));
    int bytes = socket().read(into);
    into.limit(limit);
    if (bytes < 0) {
      throw endedEarly();
    }
    took(bytes);
    return bytes;
  }

  EOFException endedEarly() {
    return new EOFException(
        "the peer ended its answer " + connectionBytes + " bytes before the end");
  }

  /** Notes bytes that were taken from the socket. */
  void took(long bytes) {
    connectionBytes -= bytes;
    releaseAtEnd();
  }

  long connectionBytes() {
    return connectionBytes;
  }

  private void releaseAtEnd() {
    PeerConnection current = connection;
    if (connectionBytes == 0 && current != null) {
      connection = null;
      if (keepAlive) {
        current.giveBack();
      } else {
        current.close();
      }
    }
  }

  /** Closes the connection when it is still this body's. */
  void close() {
    PeerConnection current = connection;
    connection = null;
    if (current != null) {
      current.close();
    }
  }
}
