package spegel.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Makes random values, valid ones broken in small ways above all. One seed, one sequence. */
public final class Generator {
  /** Octets that parsers trip over: separators, quotes, escapes, line ends, UTF-8's odd ones. */
  private static final byte[] TROUBLE =
      "\0\r\n\t \"'\\/:@%?#&=.,-_+*[]{}()<>~0aA\u007f".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] TROUBLE_OF_UTF_8 = {
    (byte) 0x80, (byte) 0xc0, (byte) 0xc1, (byte) 0xe0, (byte) 0xed, (byte) 0xf4, (byte) 0xff
  };

  private final RandomGenerator random;

  Generator(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** A whole number from {@code least} to {@code most}, both included. */
  public int between(int least, int most) {
    return (int) random.nextLong(least, most + 1L);
  }

  /** Any number of 64 bits; the small and the extreme ones more often than by chance. */
  public long anyLong() {
    return switch (between(0, 3)) {
      case 0 -> between(-2, 300);
      case 1 -> Long.MAX_VALUE - between(0, 2);
      case 2 -> Long.MIN_VALUE + between(0, 2);
      default -> random.nextLong();
    };
  }

  /** True once in so many times. */
  public boolean oneIn(int times) {
    return between(1, times) == 1;
  }

  /** One of the values. */
  @SafeVarargs
  public final <T> T oneOf(T... values) {
    return values[between(0, values.length - 1)];
  }

  /** One of the values. */
  public <T> T oneOf(List<T> values) {
    return values.get(between(0, values.size() - 1));
  }

  /** Random bytes, at most so many. */
  public byte[] bytes(int maxBytes) {
    byte[] bytes = new byte[between(0, maxBytes)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A text of these characters. */
  public String text(String alphabet, int minChars, int maxChars) {
    int chars = between(minChars, maxChars);
    StringBuilder text = new StringBuilder(chars);
    for (int i = 0; i < chars; i++) {
      text.append(alphabet.charAt(between(0, alphabet.length() - 1)));
    }
    return text.toString();
  }

  /** A text of any characters at all, lone surrogates among them. */
  public String anyText(int maxChars) {
    int chars = between(0, maxChars);
    StringBuilder text = new StringBuilder(chars);
    for (int i = 0; i < chars; i++) {
      text.append(oneIn(4) ? (char) between(0, 0xffff) : (char) (trouble() & 0xff));
    }
    return text.toString();
  }

  /**
   * The bytes with one to four small faults: octets changed, removed, repeated, the end cut off.
   */
  public byte[] mutate(byte[] valid) {
    byte[] mutated = valid.clone();
    int faults = between(1, 4);
    for (int i = 0; i < faults; i++) {
      mutated = fault(mutated);
    }
    return mutated;
  }

  /** The text with one to four small faults; characters are taken as Latin-1's. */
  public String mutate(String valid) {
    byte[] mutated = mutate(valid.getBytes(StandardCharsets.ISO_8859_1));
    return new String(mutated, StandardCharsets.ISO_8859_1);
  }

  private byte[] fault(byte[] bytes) {
    int at = between(0, bytes.length);
    if (at == bytes.length) {
      return splice(bytes, at, new byte[] {trouble()}, at);
    }
    int to = Math.min(bytes.length, at + between(1, 12));
    return switch (between(0, 5)) {
      case 0 -> splice(bytes, at, new byte[] {trouble()}, at + 1);
      case 1 -> splice(bytes, at, new byte[] {(byte) (bytes[at] ^ (1 << between(0, 7)))}, at + 1);
      case 2 -> splice(bytes, at, new byte[] {trouble()}, at);
      case 3 -> splice(bytes, at, new byte[0], to);
      case 4 -> splice(bytes, to, Arrays.copyOfRange(bytes, at, to), to);
      default -> Arrays.copyOf(bytes, at);
    };
  }

  private byte trouble() {
    return oneIn(5)
        ? TROUBLE_OF_UTF_8[between(0, TROUBLE_OF_UTF_8.length - 1)]
        : TROUBLE[between(0, TROUBLE.length - 1)];
  }

  /** The bytes with those from {@code start} to before {@code end} replaced. */
  private static byte[] splice(byte[] bytes, int start, byte[] middle, int end) {
    byte[] spliced = Arrays.copyOf(bytes, start + middle.length + bytes.length - end);
    System.arraycopy(middle, 0, spliced, start, middle.length);
    System.arraycopy(bytes, end, spliced, start + middle.length, bytes.length - end);
    return spliced;
  }
}
