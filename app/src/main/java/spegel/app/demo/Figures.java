package spegel.app.demo;

import java.time.Duration;
import java.util.Locale;

/** Figures as they are shown. */
final class Figures {
  private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};
  private static final double UNIT_FACTOR = 1024;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;

  private Figures() {}

  /** {@code 12.3 MiB}. */
  static String bytes(long bytes) {
    return scaled((double) bytes);
  }

  private static String scaled(double bytes) {
    if (bytes < UNIT_FACTOR) {
      return String.format(Locale.ROOT, "%.0f B", bytes);
    }
    double value = bytes / UNIT_FACTOR;
    int unit = 0;
    while (value >= UNIT_FACTOR && unit < UNITS.length - 1) {
      value /= UNIT_FACTOR;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }

  /** {@code 12.3 MiB/s}; a dash when there was no time. */
  static String rate(long bytes, Duration time) {
    return time.isPositive() ? scaled(bytes * NANOS_PER_SECOND / time.toNanos()) + "/s" : "-";
  }

  /** {@code 1.23 s}, or {@code 45 ms} for less than a tenth of a second. */
  static String time(Duration time) {
    return time.toMillis() < 100
        ? String.format(Locale.ROOT, "%.0f ms", time.toNanos() / NANOS_PER_MILLI)
        : String.format(Locale.ROOT, "%.2f s", time.toNanos() / NANOS_PER_SECOND);
  }
}
