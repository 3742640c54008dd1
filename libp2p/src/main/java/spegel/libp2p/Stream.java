package spegel.libp2p;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/**
 * A stream of bytes each way between two peers, on which one protocol is spoken. Reads and writes
 * block and are meant for virtual threads; one thread may read while another writes. Writes are
 * sent when they are made.
 */
public interface Stream extends AutoCloseable {

  /** The protocol agreed on. */
  String protocol();

  /** The peer at the other end, as it proved itself. */
  PeerId peer();

  /** What the peer sends; ends when it has closed its side, throws when it has reset the stream. */
  InputStream input();

  /** What the peer gets; closing it tells the peer that no more comes. */
  OutputStream output();

  /** From now on a read or write that takes longer throws, and resets the stream. */
  void deadline(Duration timeout);

  /** Ends both directions at once, as an error; the peer's reads and writes fail. */
  void reset();

  /** Ends this side in good order; what the peer still sends is dropped. */
  @Override
  void close();
}
