package spegel.app.command;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;

/**
 * Durations as Go writes them, {@code 20ms} or {@code 1m30s}: decimal numbers, each with a unit (h,
 * m, s, ms, us, µs, ns), one after the other, optionally signed; {@code 0} needs no unit (Go's
 * package time, ParseDuration).
 */
final class GoDuration {
  private static final int MAX_CHARS = 64;
  private static final BigDecimal MAX_NANOS = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final Map<String, Long> NANOS_BY_UNIT =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "\u00b5s", 1_000L, // micro sign
          "\u03bcs", 1_000L, // Greek mu
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /**
   * Reads a duration.
   *
   * @throws InvalidValueException when the text is not one, or does not fit 63 bits of nanoseconds
   */
  static Duration parse(String text) {
    if (text.length() > MAX_CHARS) {
      throw invalid(text.substring(0, MAX_CHARS) + "\u2026");
    }
    boolean negative = text.startsWith("-");
    int start = negative || text.startsWith("+") ? 1 : 0;
    if (text.substring(start).equals("0")) {
      return Duration.ZERO;
    }
    BigDecimal nanos = BigDecimal.ZERO;
    int at = start;
    do {
      int unitAt = skip(text, at, true);
      int next = skip(text, unitAt, false);
      nanos = nanos.add(nanos(text, at, unitAt, next));
      at = next;
    } while (at < text.length());
    if (nanos.compareTo(MAX_NANOS) > 0) {
      throw new InvalidValueException("too long a duration: \"" + text + "\"");
    }
    return Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue());
  }

  private static BigDecimal nanos(String text, int numberAt, int unitAt, int end) {
    String number = text.substring(numberAt, unitAt);
    Long unit = NANOS_BY_UNIT.get(text.substring(unitAt, end));
    boolean hasDigit = number.chars().anyMatch(c -> c != '.');
    if (unit == null || !hasDigit || number.indexOf('.') != number.lastIndexOf('.')) {
      throw invalid(text);
    }
    String plain = number.endsWith(".") ? number + "0" : number;
    return new BigDecimal(plain).multiply(BigDecimal.valueOf(unit));
  }

  /** The end of the run of number characters, or of others, that begins at the index. */
  private static int skip(String text, int from, boolean ofNumber) {
    int at = from;
    while (at < text.length() && isNumber(text.charAt(at)) == ofNumber) {
      at++;
    }
    return at;
  }

  private static boolean isNumber(char c) {
    return (c >= '0' && c <= '9') || c == '.';
  }

  private static InvalidValueException invalid(String text) {
    return new InvalidValueException("not a duration such as 20ms, 2s or 1m30s: \"" + text + "\"");
  }
}
