package spegel.multiformats;

import java.util.Arrays;

/** Bytes as one big number in Bitcoin's alphabet. */
final class Base58 {
  /** The work grows with the square of the length; no peer id or CID comes near the bound. */
  static final int MAX_LENGTH = 1024;

  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  private Base58() {}

  static String encode(byte[] bytes) {
    requireShort(bytes.length);
    byte[] digits = convert(bytes, 256, 58);
    StringBuilder text = new StringBuilder(digits.length);
    for (byte digit : digits) {
      text.append(ALPHABET.charAt(digit));
    }
    return text.toString();
  }

  static byte[] decode(String text) {
    requireShort(text.length());
    byte[] digits = new byte[text.length()];
    for (int i = 0; i < digits.length; i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new MultiformatException("base58: character " + (int) text.charAt(i) + " at " + i);
      }
      digits[i] = (byte) digit;
    }
    return convert(digits, 58, 256);
  }

  /** The number in another base, big-endian digits; leading zeros stay as many as they are. */
  private static byte[] convert(byte[] number, int base, int toBase) {
    int zeros = 0;
    while (zeros < number.length && number[zeros] == 0) {
      zeros++;
    }
    byte[] rest = number.clone();
    byte[] digits = new byte[number.length * 2];
    int start = digits.length;
    for (int from = zeros; from < rest.length; ) {
      digits[--start] = (byte) divide(rest, from, base, toBase);
      if (rest[from] == 0) {
        from++;
      }
    }
    while (start < digits.length && digits[start] == 0) {
      start++;
    }
    return Arrays.copyOfRange(digits, start - zeros, digits.length);
  }

  /** Divides the number in place and gives the remainder. */
  private static int divide(byte[] number, int from, int base, int divisor) {
    int remainder = 0;
    for (int i = from; i < number.length; i++) {
      int value = remainder * base + (number[i] & 0xff);
      number[i] = (byte) (value / divisor);
      remainder = value % divisor;
    }
    return remainder;
  }

  private static void requireShort(int length) {
    if (length > MAX_LENGTH) {
      throw new MultiformatException("base58: longer than " + MAX_LENGTH);
    }
  }
}
