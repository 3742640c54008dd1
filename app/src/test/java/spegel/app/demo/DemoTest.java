package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import spegel.app.command.DemoConfiguration;

/** The whole demo in this process. What it counts is the servers' count; see {@link Tally}. */
class DemoTest {
  private static final long FAST_BYTES_PER_SECOND = 1L << 30;

  @TempDir Path temporary;

  private static List<String> run(DemoConfiguration configuration) {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8);
    boolean good = Demo.run(configuration, "spegel-jvm/test", out, false, Map.of());
    String text = shown.toString(StandardCharsets.UTF_8);
    assertTrue(good, text);
    assertFalse(text.contains("\u001b"), text);
    return text.lines().toList();
  }

  private static String row(List<String> lines, String node) {
    // The summary is the last that begins with the node's name.
    return lines.reversed().stream()
        .filter(line -> line.startsWith(node))
        .findFirst()
        .orElseThrow(() -> new AssertionError(lines));
  }

  private static void assertSources(List<String> lines, String imageSize) {
    assertTrue(row(lines, "node 1").matches(".*/s +" + imageSize + " +0 B"), lines::toString);
    for (String node : List.of("node 2", "node 3")) {
      assertTrue(
          row(lines, node).matches(".*/s +0 B +" + imageSize + " +node [12]: .*"), lines::toString);
    }
  }

  @Test
  void demo_pullsOnceFromTheRegistry_andTwiceFromPeers() {
    List<String> lines = run(new DemoConfiguration(null, 4L << 20, FAST_BYTES_PER_SECOND, false));
    assertSources(lines, "4\\.0 MiB");
    assertEquals(
        2,
        lines.stream().filter(line -> line.contains("finds all of it")).count(),
        lines::toString);
  }

  @Test
  void demo_pullsTheImageThatItIsGiven() throws IOException {
    Path folder = temporary.resolve("image");
    DemoImage image = ImageMaker.make(Layout.create(folder), 300_000, new SplittableRandom(3));
    List<String> lines = run(new DemoConfiguration(folder, 1 << 20, FAST_BYTES_PER_SECOND, false));
    assertTrue(lines.getFirst().contains(image.name().toString()), lines::toString);
    assertSources(lines, "29\\d\\.\\d KiB");
  }
}
