package spegel.app.demo;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A link that carries so many bytes a second, shared by all that is read through it. */
final class TokenBucket {
  private static final double NANOS_PER_SECOND = 1e9;

  /** What a pause lets gather: the link is never faster than its rate for longer than this. */
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Reads are cut so that one takes the link for no longer than this. */
  private static final int READS_PER_SECOND = 50;

  private static final int MAX_READ_BYTES = 256 * 1024;

  private final double nanosPerByte;
  private final int readBytes;
  private final LongSupplier nanoClock;

  // Guarded by this.
  private long freeAtNanos;

  TokenBucket(long bytesPerSecond, LongSupplier nanoClock) {
    this.nanosPerByte = NANOS_PER_SECOND / bytesPerSecond;
    this.readBytes = Math.clamp(bytesPerSecond / READS_PER_SECOND, 1, MAX_READ_BYTES);
    this.nanoClock = nanoClock;
    this.freeAtNanos = nanoClock.getAsLong() - BURST_NANOS;
  }

  /** Takes the link for so many bytes; gives how long to wait until they are through. */
  synchronized long take(int bytes) {
    long nowNanos = nanoClock.getAsLong();
    if (freeAtNanos - nowNanos < -BURST_NANOS) {
      freeAtNanos = nowNanos - BURST_NANOS;
    }
    freeAtNanos += (long) (bytes * nanosPerByte);
    return Math.max(0, freeAtNanos - nowNanos);
  }

  /** The stream as it comes through the link. */
  InputStream limit(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, Math.min(length, readBytes));
        if (count > 0) {
          pause(take(count));
        }
        return count;
      }
    };
  }

  private static void pause(long nanos) throws IOException {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
