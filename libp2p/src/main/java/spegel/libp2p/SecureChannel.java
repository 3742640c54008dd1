package spegel.libp2p;

import java.io.IOException;
import java.util.Optional;

/**
 * A connection whose two ends have proved who they are. One thread may read while another writes.
 */
public interface SecureChannel {

  /** The id that the peer has proved. */
  PeerId peer();

  /**
   * The multiplexer that was agreed on with the security; empty when it is yet to be negotiated.
   */
  Optional<String> muxer();

  /**
   * Waits until {@link #available} is positive.
   *
   * @return false at the end of the connection
   * @throws IOException when the connection fails, or the peer breaks the protocol
   */
  boolean fill() throws IOException;

  /** Bytes that {@link #read} gives without waiting. */
  int available();

  /** Takes bytes that are here; {@code length} is at most {@link #available}. */
  void read(byte[] to, int offset, int length);

  /**
   * Sends the head, and the bytes behind it, as if they were one.
   *
   * @throws IOException when the connection fails
   */
  void write(byte[] head, byte[] from, int offset, int length) throws IOException;

  /**
   * Sends the bytes.
   *
   * @throws IOException when the connection fails
   */
  default void write(byte[] bytes) throws IOException {
    write(bytes, bytes, 0, 0);
  }
}
