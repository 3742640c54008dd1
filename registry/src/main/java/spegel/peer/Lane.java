package spegel.peer;

import java.io.IOException;
import java.time.Duration;

/** One event loop of a peer client, with connections of its own. */
public final class Lane {

  /**
   * Sends a request over an idle connection or a new one and waits for the head of the answer; a
   * virtual thread waits cheaply. The addresses are raced: the next one is tried when the one
   * before has failed or is slow to connect. A request that met an idle connection which the peer
   * was just closing is sent anew. Interrupting the thread ends the request and closes its
   * connection; an answer that comes just then is not leaked.
   *
   * @param timeout from now to the end of the head
   * @throws IOException when no address answers in time, or not in HTTP; the message names the peer
   *     and the cause
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public PeerResponse send(PeerRequest request, Duration timeout)
      throws IOException, InterruptedException {
    throw new UnsupportedOperationException();
  }
}
