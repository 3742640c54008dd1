package spegel.e2e.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunFolderTest {
  /** A run of its own, that ends as if it were killed when it has arguments. */
  static final class Run {
    private Run() {}

    public static void main(String[] arguments) {
      Path folder = RunFolder.current().newFolder("test");
      if (arguments.length == 0) {
        return;
      }
      NetworkNamespace network = NetworkNamespace.create();
      ChildProcess child =
          ChildProcess.start(
              "sleep", folder.resolve("log"), Map.of(), network.wrap(List.of("sleep", "600")));
      System.out.println(folder.getParent() + " " + RunFolder.runId() + " " + child.pid());
      Runtime.getRuntime().halt(137);
    }
  }

  @Test
  void nextRun_takesEverythingAway_whenARunWasKilled() {
    String[] left = run("killed").lines().getFirst().split(" ", 3);
    Path folder = Path.of(left[0]);
    long sleeper = Long.parseLong(left[2]);
    assertTrue(Files.exists(folder));
    assertTrue(ProcessHandle.of(sleeper).isPresent());
    assertTrue(networks().contains(left[1]));

    assertEquals(0, run().exitCode());
    assertFalse(Files.exists(folder));
    Await.until(
        "the process has ended",
        Duration.ofSeconds(5),
        () -> ProcessHandle.of(sleeper).map(handle -> !handle.isAlive()).orElse(true));
    assertFalse(networks().contains(left[1]));
  }

  private static Command.Outcome run(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-cp"));
    // Surefire's own class path is a jar that names this one.
    String classPath = System.getProperty("surefire.test.class.path");
    command.add(classPath == null ? System.getProperty("java.class.path") : classPath);
    command.add(Run.class.getName());
    command.addAll(List.of(arguments));
    return Command.run(command);
  }

  private static String networks() {
    return Command.run("ip", "netns", "list").orFail().output();
  }
}
