package spegel.app.demo;

import java.util.ArrayList;
import java.util.List;

/** The table of all pulls. */
final class Summary {
  private static final List<String> HEADINGS =
      List.of("", "time", "throughput", "from registry", "from peers", "");

  private Summary() {}

  /** The table's lines: figures to the right, the first and the last column to the left. */
  static List<String> lines(List<PullResult> pulls) {
    List<List<String>> rows = new ArrayList<>(List.of(HEADINGS));
    for (PullResult pull : pulls) {
      rows.add(
          List.of(
              pull.node(),
              Figures.time(pull.time()),
              Figures.rate(pull.imageBytes(), pull.time()),
              Figures.bytes(pull.upstreamBytes()),
              Figures.bytes(pull.allPeerBytes()),
              pull.givers()));
    }
    return rows.stream().map(row -> line(row, widths(rows))).toList();
  }

  private static int[] widths(List<List<String>> rows) {
    int[] widths = new int[HEADINGS.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - row.get(i).length());
      boolean left = i == 0 || i == widths.length - 1;
      line.append(i == 0 ? "" : "   ");
      line.append(left ? row.get(i) + padding : padding + row.get(i));
    }
    return line.toString().stripTrailing();
  }
}
