package spegel.app.demo;

import java.time.Duration;
import java.util.Locale;

/** One line that shows how far a pull is. */
final class ProgressLine {
  private static final int MIN_BAR_COLUMNS = 5;
  private static final int MAX_BAR_COLUMNS = 40;

  private ProgressLine() {}

  /**
   * The line.
   *
   * @param columns how long it may be; where there is no room for a bar it is left out, then the
   *     line is cut
   * @param total bytes in all, positive
   */
  static String of(int columns, String node, PullProgress progress, long total, Duration time) {
    long done = Math.min(progress.mirrorBytes() + progress.upstreamBytes(), total);
    double share = (double) done / total;
    String figures =
        String.format(
            Locale.ROOT,
            "%3d%%  %10s of %s  %12s  %s",
            (int) (share * 100),
            Figures.bytes(done),
            Figures.bytes(total),
            Figures.rate(done, time),
            source(progress));
    int bar = Math.min(MAX_BAR_COLUMNS, columns - node.length() - figures.length() - 6);
    String line =
        bar < MIN_BAR_COLUMNS
            ? node + "  " + figures
            : node + "  [" + bar(bar, share) + "]  " + figures;
    return line.length() > columns ? line.substring(0, Math.max(columns, 0)) : line;
  }

  private static String bar(int columns, double share) {
    int full = (int) (columns * share);
    return "#".repeat(full) + "-".repeat(columns - full);
  }

  private static String source(PullProgress progress) {
    if (progress.upstreamBytes() > 0) {
      return progress.mirrorBytes() > 0 ? "registry and peers" : "registry";
    }
    return progress.mirrorBytes() > 0 ? "peers" : "";
  }
}
