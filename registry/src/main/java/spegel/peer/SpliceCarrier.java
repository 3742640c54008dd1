package spegel.peer;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Carries by splice(2) through a pipe: the bytes stay in the kernel. */
final class SpliceCarrier implements Carrier {
  private final Pipe pipe;
  private final Pipes pipes;
  private final ByteBuffer scratch;
  private final Runnable onClose;
  private int loaded;

  /**
   * @param scratch a direct buffer of the loop
   */
  SpliceCarrier(Pipe pipe, Pipes pipes, ByteBuffer scratch, Runnable onClose) {
    this.pipe = pipe;
    this.pipes = pipes;
    this.scratch = scratch;
    this.onClose = onClose;
  }

  @Override
  public int fill(PeerBody from) throws IOException {
    ByteBuffer ahead = from.ahead();
    if (ahead.hasRemaining()) {
      scratch.clear().limit(Math.min(scratch.capacity(), ahead.remaining()));
      scratch.put(ahead.slice(ahead.position(), scratch.remaining())).flip();
      ahead.position(ahead.position() + scratch.remaining());
      return put();
    }
    EpollSocket socket = (EpollSocket) from.socket();
    // Nothing is in the pipe, so that nothing moved means nothing there, and not that it is full.
    int bytes = socket.spliceTo(pipe.in(), Math.min(from.connectionBytes(), Pipe.BYTES));
    if (bytes > 0) {
      loaded = bytes;
      from.took(bytes);
    } else if (socket.mayHaveEnded() && from.read(scratch.clear().limit(1)) > 0) {
      // A read tells the end from nothing there; and here something came in between.
      scratch.flip();
      return put();
    }
    return bytes;
  }

  private int put() throws IOException {
    int bytes = pipe.in().write(scratch, 0, scratch.limit());
    if (bytes < scratch.limit()) {
      throw new IOException("an empty pipe took " + bytes + " of " + scratch.limit() + " bytes");
    }
    loaded = bytes;
    return bytes;
  }

  @Override
  public int drain(LoopSocket to) throws IOException {
    int bytes = ((EpollSocket) to).spliceFrom(pipe.out(), loaded);
    loaded -= bytes;
    return bytes;
  }

  @Override
  public int loaded() {
    return loaded;
  }

  @Override
  public void close() {
    pipes.give(pipe, loaded == 0);
    onClose.run();
  }
}
