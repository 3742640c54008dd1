package spegel.e2e.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.e2e.harness.Command;
import spegel.e2e.harness.Repository;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.TextFile;

/**
 * What the launcher makes of a limit and a command: it is compiled for folders of this test, where
 * java prints its arguments.
 */
class ImageLauncherTest {
  private static final long MIB = 1 << 20;

  private final Path folder = RunFolder.current().newFolder("launcher");
  private final Path launcher = folder.resolve("spegel");

  @BeforeEach
  void compile() {
    Path java =
        TextFile.write(
            folder.resolve("home/runtime/bin/java"),
            "#!/bin/sh\nprintf '%s\\n' \"arenas=$MALLOC_ARENA_MAX\" \"$@\"\n");
    Command.run("chmod", "+x", java.toString()).orFail();
    Command.run(
            "cc",
            "-std=c17",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-fsanitize=address,undefined",
            "-DSPEGEL_HOME=\"" + folder.resolve("home") + '"',
            "-DCGROUP_ROOT=\"" + folder.resolve("cgroup") + '"',
            "-o",
            launcher.toString(),
            Repository.file("deploy/image/launcher.c"))
        .orFail();
  }

  @ParameterizedTest
  @CsvSource({
    "memory.max, 100663296, -Xmx36m",
    "memory.max, 134217728, -Xmx48m",
    "memory.max, 140509184, -Xmx50m",
    "memory.max, 268435456, -Xmx96m",
    "memory.max, 8589934592, -Xmx96m",
    "memory.max, max, -Xmx48m",
    "memory/memory.limit_in_bytes, 134217728, -Xmx48m",
    "memory/memory.limit_in_bytes, 9223372036854771712, -Xmx48m",
    "memory/memory.limit_in_bytes, 99999999999999999999999, -Xmx48m",
  })
  void heapOfTheRegistry_isThreeEighthsOfTheLimit(String file, String limit, String heap) {
    limit(file, limit);
    assertTrue(run("registry").orFail().lines().contains(heap), run("registry").output());
  }

  @Test
  void heapOfTheRegistry_isThatOfTheUsualLimit_whenNoneIsSeen() {
    assertTrue(run("registry").orFail().lines().contains("-Xmx48m"));
  }

  @Test
  void arguments_arePassedOn() {
    String home = folder.resolve("home").toString();
    assertEquals(
        List.of(
            "arenas=1",
            "@" + home + "/common.options",
            "@" + home + "/registry.options",
            "-Xmx48m",
            "-XX:AOTCache=" + home + "/spegel.aot",
            "@" + home + "/image.options",
            "-jar",
            home + "/spegel.jar",
            "registry",
            "--log-level=DEBUG",
            "a b"),
        run("registry", "--log-level=DEBUG", "a b").orFail().lines());
  }

  @ParameterizedTest
  @ValueSource(strings = {"configuration", "cleanup", "cleanup-wait", "version", "--help"})
  void shortCommands_haveOptionsOfTheirOwn(String command) {
    List<String> arguments = run(command).orFail().lines();
    assertTrue(arguments.contains("@" + folder.resolve("home/command.options")), command);
    assertFalse(arguments.stream().anyMatch(word -> word.startsWith("-X")), command);
  }

  @ParameterizedTest
  @CsvSource({"registry, 95", "demo, 95", "version, 31", "configuration, 31"})
  void limit_isRefused_whenItIsTooSmall(String command, long mib) {
    limit("memory.max", Long.toString(mib * MIB));
    Command.Outcome outcome = run(command);
    assertEquals(1, outcome.exitCode());
    assertTrue(
        outcome
            .output()
            .startsWith(
                "error: the container's memory limit is %d MiB, and this command needs %d MiB at least. Raise resources.limits.memory"
                    .formatted(mib, mib + 1)),
        outcome.output());
    limit("memory.max", Long.toString((mib + 1) * MIB));
    run(command).orFail();
  }

  @Test
  void start_failsWithTheCause_whenThereIsNoRuntime() {
    Command.run("rm", folder.resolve("home/runtime/bin/java").toString()).orFail();
    Command.Outcome outcome = run("version");
    assertEquals(1, outcome.exitCode());
    assertTrue(outcome.output().contains("bin/java: No such file or directory"), outcome.output());
    assertFalse(outcome.output().contains("Sanitizer"), outcome.output());
  }

  private void limit(String file, String text) {
    TextFile.write(folder.resolve("cgroup").resolve(file), text + "\n");
  }

  private Command.Outcome run(String... arguments) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    return Command.run(command);
  }
}
