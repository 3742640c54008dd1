package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MetricsTextTest {
  @Test
  void sum_addsTheSamplesOfThisMetricWithThatLabel() {
    MetricsText metrics =
        new MetricsText(
            """
            # TYPE size_sum histogram
            size_sum{code="200",handler="/v2/*"} 1.5E3
            size_sum{code="404",handler="/v2/*"} 20
            size_sum{code="200",handler="/readyz"} 4
            size_sum_more{handler="/v2/*"} 100
            peers 2.0
            """);
    assertEquals(1520, metrics.sum("size_sum", "handler=\"/v2/*\""));
    assertEquals(1524, metrics.sum("size_sum", ""));
    assertEquals(2, metrics.sum("peers", ""));
    assertEquals(0, metrics.sum("none", ""));
  }
}
