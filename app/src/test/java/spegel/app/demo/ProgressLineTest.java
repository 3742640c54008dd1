package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private static final int MIB = 1 << 20;

  private static PullProgress progress(int mirrorBytes, int upstreamBytes) throws IOException {
    PullProgress progress = new PullProgress();
    progress.ofMirror(new ByteArrayInputStream(new byte[mirrorBytes])).readAllBytes();
    progress.ofUpstream(new ByteArrayInputStream(new byte[upstreamBytes])).readAllBytes();
    return progress;
  }

  private static String line(int columns, PullProgress progress) {
    return ProgressLine.of(columns, "node 1", progress, 8 * MIB, Duration.ofSeconds(2));
  }

  @Test
  void of_showsShareBytesRateAndSource() throws IOException {
    assertEquals(
        "node 1  [#####---------------]   25%     2.0 MiB of 8.0 MiB     1.0 MiB/s  registry",
        line(83, progress(0, 2 * MIB)));
    assertTrue(line(100, progress(2 * MIB, 0)).endsWith("peers"));
    assertTrue(line(100, progress(MIB, MIB)).endsWith("registry and peers"));
  }

  @Test
  void of_neverIsLongerThanTheTerminal_norFullerThanFull() throws IOException {
    PullProgress progress = progress(0, 9 * MIB);
    for (int columns = 1; columns < 150; columns++) {
      String line = line(columns, progress);
      assertTrue(line.length() <= columns, line);
    }
    assertTrue(line(149, progress).contains("[" + "#".repeat(40) + "]  100%"));
  }
}
