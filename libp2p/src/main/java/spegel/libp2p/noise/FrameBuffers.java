package spegel.libp2p.noise;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Buffers of one frame each. A channel has one only while a frame is read, taken or written; the
 * few that are kept in between serve all connections of the process.
 */
final class FrameBuffers {
  /** A frame's length, and the longest frame that it can tell of. */
  static final int MAX_BYTES = 2 + 65_535;

  /** Up to this size a new one is cheaper than one that others wait for, too. */
  private static final int MAX_SMALL_BYTES = 2048;

  private static final int MAX_KEPT = 4;

  private static final BlockingQueue<byte[]> kept = new ArrayBlockingQueue<>(MAX_KEPT);

  private FrameBuffers() {}

  /** A buffer of so many bytes at least, with anything in it. */
  static byte[] take(int bytes) {
    if (bytes <= MAX_SMALL_BYTES) {
      return new byte[bytes];
    }
    byte @Nullable [] buffer = kept.poll();
    return buffer != null ? buffer : new byte[MAX_BYTES];
  }

  /** Takes back a buffer that nobody uses any more. */
  static void give(byte[] buffer) {
    if (buffer.length == MAX_BYTES) {
      var _ = kept.offer(buffer); // When enough are kept, the collector has it.
    }
  }
}
