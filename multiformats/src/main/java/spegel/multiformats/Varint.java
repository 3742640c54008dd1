package spegel.multiformats;

import java.nio.ByteBuffer;

/**
 * Unsigned variable-length integers (multiformats "unsigned-varint"): seven bits a byte, least
 * significant first, the top bit set on all but the last; at most nine bytes (63 bits), and no
 * longer than needed.
 */
public final class Varint {
  public static final int MAX_BYTES = 9;

  private Varint() {}

  /** The number of bytes that {@link #write} takes for the value, which must not be negative. */
  public static int size(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("varint: negative value " + value);
    }
    return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
  }

  /** Writes the value, which must not be negative, at the buffer's position. */
  public static void write(ByteBuffer out, long value) {
    if (value < 0) {
      throw new IllegalArgumentException("varint: negative value " + value);
    }
    long rest = value;
    while (rest >= 0x80) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  /** The encoding of the value, which must not be negative. */
  public static byte[] encode(long value) {
    byte[] bytes = new byte[size(value)];
    write(ByteBuffer.wrap(bytes), value);
    return bytes;
  }

  /**
   * Reads a value at the buffer's position.
   *
   * @throws MultiformatException when the input ends within it, it exceeds 63 bits, or is longer
   *     than needed
   */
  public static long read(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      if (!in.hasRemaining()) {
        throw new MultiformatException("varint: input ends within it");
      }
      byte b = in.get();
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw new MultiformatException("varint: longer than needed");
        }
        return value;
      }
    }
    throw new MultiformatException("varint: longer than " + MAX_BYTES + " bytes");
  }

  /** Reads a value that must not exceed {@code max}, a length or a code. */
  public static int readAtMost(ByteBuffer in, int max) {
    long value = read(in);
    if (value > max) {
      throw new MultiformatException("varint: " + value + " exceeds " + max);
    }
    return (int) value;
  }
}
