package spegel.app.command;

import java.math.BigDecimal;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers of bytes as people write them: {@code 512KiB}, {@code 1.5GiB}, {@code 20MB}. */
final class ByteSize {
  static final long KIB = 1L << 10;
  static final long MIB = 1L << 20;
  static final long GIB = 1L << 30;

  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,3})?) ?(B|[KMG]i?B)");

  private ByteSize() {}

  /** Reads a size that is within the bounds, both included. */
  static Function<String, Long> between(long minBytes, long maxBytes) {
    return text -> {
      long bytes = parse(text);
      if (bytes < minBytes || bytes > maxBytes) {
        throw new InvalidValueException(
            "not within " + print(minBytes) + " to " + print(maxBytes) + ": \"" + text + "\"");
      }
      return bytes;
    };
  }

  private static long parse(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new InvalidValueException("not a size such as 512KiB or 20MiB: \"" + text + "\"");
    }
    return new BigDecimal(size.group(1))
        .multiply(BigDecimal.valueOf(unitBytes(size.group(2))))
        .longValue();
  }

  private static long unitBytes(String unit) {
    long thousand = unit.contains("i") ? KIB : 1000;
    return switch (unit.charAt(0)) {
      case 'K' -> thousand;
      case 'M' -> thousand * thousand;
      case 'G' -> thousand * thousand * thousand;
      default -> 1;
    };
  }

  private static String print(long bytes) {
    if (bytes % GIB == 0) {
      return bytes / GIB + "GiB";
    }
    return bytes % MIB == 0 ? bytes / MIB + "MiB" : bytes / KIB + "KiB";
  }
}
