package spegel.e2e.harness;

import java.nio.file.Path;
import java.util.List;

/** What {@code e2e/setup} has built, by the folders that the end of its output names. */
public final class SetUp {
  private SetUp() {}

  /**
   * The folder of a build: {@code containerd}, {@code kubernetes}, {@code manifests}, {@code
   * interop-go} or {@code interop-js}.
   */
  public static Path folder(String name) {
    String prefix = name + "=";
    return Output.LINES.stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> Path.of(line.substring(prefix.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError("e2e/setup names no folder of " + name));
  }

  /** Asked for once, and only when it is needed. */
  private static final class Output {
    private static final List<String> LINES =
        Command.run(Repository.file("e2e/setup")).orFail().lines();
  }
}
