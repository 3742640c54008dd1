package spegel.oci;

import org.jspecify.annotations.Nullable;
import spegel.oci.ByteRange.Part;
import spegel.oci.ByteRange.Unsatisfiable;
import spegel.oci.ByteRange.Whole;

/** Reads {@code bytes=first-last}, {@code bytes=first-} and {@code bytes=-suffix}. */
final class ByteRangeParser {
  private static final String UNIT = "bytes=";

  private ByteRangeParser() {}

  static ByteRange resolve(@Nullable String header, long sizeBytes) {
    if (header == null || !header.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return new Whole(sizeBytes);
    }
    String range = header.substring(UNIT.length()).strip();
    int dash = range.indexOf('-');
    // A comma, too, is no digit: lists of ranges end here.
    if (dash < 0 || !isNumber(range, 0, dash) || !isNumber(range, dash + 1, range.length())) {
      return new Whole(sizeBytes);
    }
    boolean hasFirst = dash > 0;
    boolean hasLast = dash + 1 < range.length();
    if (hasFirst) {
      long first = number(range, 0, dash);
      long last = hasLast ? number(range, dash + 1, range.length()) : Long.MAX_VALUE;
      return fromOffset(first, last, sizeBytes);
    }
    return hasLast
        ? suffix(number(range, dash + 1, range.length()), sizeBytes)
        : new Whole(sizeBytes);
  }

  private static ByteRange fromOffset(long first, long last, long sizeBytes) {
    if (last < first) {
      return new Whole(sizeBytes);
    }
    return first < sizeBytes
        ? new Part(first, Math.min(last, sizeBytes - 1), sizeBytes)
        : new Unsatisfiable(sizeBytes);
  }

  private static ByteRange suffix(long suffixBytes, long sizeBytes) {
    if (suffixBytes == 0) {
      return new Unsatisfiable(sizeBytes);
    }
    // Satisfiable by section 14.1.2, and yet no Content-Range can say it.
    if (sizeBytes == 0) {
      return new Whole(0);
    }
    return new Part(Math.max(0, sizeBytes - suffixBytes), sizeBytes - 1, sizeBytes);
  }

  /** Whether there is nothing but digits; an empty text is a number left out. */
  private static boolean isNumber(String text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!Ascii.isDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The number; one that does not fit is larger than any body, and so is the largest that does. */
  private static long number(String text, int start, int end) {
    long number = 0;
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (number > (Long.MAX_VALUE - digit) / 10) {
        return Long.MAX_VALUE;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
