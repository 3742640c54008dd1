package spegel.peer;

import java.util.concurrent.Semaphore;

/**
 * Hands out carriers, of which only a few are large: a hundred relays to slow clients have to fit
 * into the memory of the process.
 */
final class Carriers {
  /** One read of this size is what makes copying cheap. */
  private static final int LARGE_BYTES = 1024 * 1024;

  private static final int MAX_LARGE = 12;
  private static final int SMALL_BYTES = 32 * 1024;

  private final Semaphore large = new Semaphore(MAX_LARGE);

  /** A carrier for so many bytes. */
  Carrier next(long bytes) {
    if (bytes > SMALL_BYTES && large.tryAcquire()) {
      return new CopyCarrier((int) Math.min(bytes, LARGE_BYTES), large::release);
    }
    return new CopyCarrier(Math.clamp(bytes, 1, SMALL_BYTES), () -> {});
  }
}
