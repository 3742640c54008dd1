package spegel.peer;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Hands out carriers, of which only a few are large: a hundred relays to slow clients have to fit
 * into the memory of the process.
 */
final class Carriers implements AutoCloseable {
  /** One read of this size is what makes copying cheap. */
  private static final int LARGE_BYTES = 1024 * 1024;

  private static final int MAX_LARGE = 8;
  private static final int SMALL_BYTES = 32 * 1024;

  private final Pipes pipes;
  private final Semaphore large = new Semaphore(MAX_LARGE);

  /**
   * @param maxPipes carriers that splice at one time; with 0 all copy
   */
  Carriers(int maxPipes) {
    this.pipes = new Pipes(maxPipes);
  }

  /**
   * A carrier for the rest of a body.
   *
   * @param scratch a direct buffer of the loop
   */
  Carrier next(PeerBody body, @Nullable LoopSocket client, ByteBuffer scratch) {
    long bytes = body.remaining();
    if (bytes <= SMALL_BYTES) {
      return new CopyCarrier((int) bytes, () -> {});
    }
    if (client instanceof EpollSocket) {
      Optional<Pipe> pipe = pipes.take();
      if (pipe.isPresent()) {
        return new SpliceCarrier(pipe.get(), pipes, scratch);
      }
    }
    return large.tryAcquire()
        ? new CopyCarrier((int) Math.min(bytes, LARGE_BYTES), large::release)
        : new CopyCarrier(SMALL_BYTES, () -> {});
  }

  Pipes pipes() {
    return pipes;
  }

  @Override
  public void close() {
    pipes.close();
  }
}
