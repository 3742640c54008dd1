package spegel.kad.libp2p;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the messages that are just arriving may hold, over all streams. Nearly all fit a
 * chunk, and chunks have a share of their own: peers that send long messages take no room from
 * those who send short ones.
 */
final class MessageMemory {
  /** Fits any request, and the answers of a small network. */
  static final int CHUNK_BYTES = 2048;

  private final long totalBytes;
  private final AtomicLong chunkBytes;
  private final AtomicLong longBytes;

  /**
   * A share of memory.
   *
   * @param chunks messages that fit one chunk, at a time
   * @param longBytes of longer ones together
   */
  MessageMemory(int chunks, long longBytes) {
    this.chunkBytes = new AtomicLong((long) chunks * CHUNK_BYTES);
    this.longBytes = new AtomicLong(longBytes);
    this.totalBytes = chunkBytes.get() + longBytes;
  }

  private AtomicLong share(int bytes) {
    return bytes <= CHUNK_BYTES ? chunkBytes : longBytes;
  }

  /** Whether there is room for a buffer of so many bytes; if so, it is taken. */
  boolean tryTake(int bytes) {
    AtomicLong share = share(bytes);
    if (share.addAndGet(-bytes) >= 0) {
      return true;
    }
    share.addAndGet(bytes);
    return false;
  }

  /** Gives back what {@link #tryTake} took for a buffer. */
  void release(int bytes) {
    share(bytes).addAndGet(bytes);
  }

  /** What is taken now. */
  long takenBytes() {
    return totalBytes - chunkBytes.get() - longBytes.get();
  }
}
