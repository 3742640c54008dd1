package spegel.app.demo;

/**
 * Metrics of a node in Prometheus's text format.
 *
 * @param text as {@code /metrics} answers
 */
record MetricsText(String text) {

  /** The sum of a metric over all its labels, of those samples that have this text among them. */
  double sum(String metric, String label) {
    return text.lines()
        .filter(line -> line.startsWith(metric) && isEnd(line, metric.length()))
        .filter(line -> line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static boolean isEnd(String line, int at) {
    return line.length() > at && (line.charAt(at) == '{' || line.charAt(at) == ' ');
  }
}
