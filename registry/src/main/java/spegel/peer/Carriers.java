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
  private static final int LARGE_BYTES = 1024 * 1024;

  /** Bodies at a time that have much room, in the process and in the kernel. */
  static final int MAX_LARGE = 12;

  private static final int SMALL_BYTES = 32 * 1024;

  private final Pipes pipes;
  private final Semaphore large = new Semaphore(MAX_LARGE);

  /**
   * @param withPipes whether those that can splice do; else all copy
   */
  Carriers(boolean withPipes) {
    this.pipes = new Pipes(withPipes ? MAX_LARGE : 0);
  }

  /**
   * A carrier for the rest of a body.
   *
   * @param scratch a direct buffer of the loop
   */
  Carrier next(PeerBody body, @Nullable LoopSocket client, ByteBuffer scratch) {
    long bytes = body.remaining();
    if (bytes <= SMALL_BYTES || !large.tryAcquire()) {
      return new CopyCarrier(Math.clamp(bytes, 1, SMALL_BYTES), () -> {});
    }
    Optional<Pipe> pipe = client instanceof EpollSocket ? pipes.take() : Optional.empty();
    return pipe.isPresent()
        ? new SpliceCarrier(pipe.get(), pipes, scratch, large::release)
        : new CopyCarrier((int) Math.min(bytes, LARGE_BYTES), large::release);
  }

  Pipes pipes() {
    return pipes;
  }

  @Override
  public void close() {
    pipes.close();
  }
}
