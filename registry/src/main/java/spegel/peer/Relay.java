package spegel.peer;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import spegel.http.BodyStream;

/**
 * Moves a body from peers to one client. The first peer's answer is there from the start; when a
 * peer fails, ends early or stalls, the listener hears at which offset and either resumes with
 * another peer's answer that begins there, or gives up.
 */
public final class Relay implements BodyStream {

  /** Hears what becomes of a relay. Called on the lane's event loop: must not wait. */
  public interface Listener {

    /**
     * The peer gives no more. {@link Relay#resume} or {@link Relay#giveUp} has to follow, from any
     * thread; until then the client waits.
     *
     * @param offset bytes of the body that the client has already
     * @param why for the log
     */
    void interrupted(Relay relay, long offset, String why);

    /**
     * It has ended: all was sent, or it was given up, or the client went away.
     *
     * @param complete whether the client's socket took the whole body
     */
    void ended(Relay relay, boolean complete);
  }

  /**
   * A relay that begins with the answer, whose body has to be as long as the relay's.
   *
   * @param lane that of the answer, and of all answers to come
   */
  public Relay(Lane lane, PeerResponse first, RelayLimits limits, Listener listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Goes on with another peer's answer, whose body is the rest; closes it when the relay has ended
   * meanwhile.
   */
  public void resume(PeerResponse rest) {
    throw new UnsupportedOperationException();
  }

  /** Sends no more: the client's connection is ended after what it has. */
  public void giveUp() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long length() {
    throw new UnsupportedOperationException();
  }

  @Override
  public EventLoop loop() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void start(SocketChannel client, End end) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long sentBytes() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void cancel() {
    throw new UnsupportedOperationException();
  }
}
