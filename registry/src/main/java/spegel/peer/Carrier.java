package spegel.peer;

import java.io.IOException;

/**
 * What carries the bytes of a relay from a peer to the client, one load at a time: filled only when
 * it is empty. Lives on the lane's loop.
 */
sealed interface Carrier permits CopyCarrier, SpliceCarrier {

  /**
   * Loads what is there of the body.
   *
   * @return bytes; 0 when there are none yet
   * @throws IOException when the peer gives no more
   */
  int fill(PeerBody from) throws IOException;

  /**
   * Unloads what the client's socket takes.
   *
   * @return bytes; 0 when it takes none now
   * @throws IOException when the client is gone
   */
  int drain(LoopSocket to) throws IOException;

  /** Bytes that are loaded. */
  int loaded();

  /** Lets go of the memory, with what may be in it. */
  void close();
}
