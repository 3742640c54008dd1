package spegel.app.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the program as the build leaves it: its jars, its options, its AOT cache. */
class ProgramIT {
  private static final Path APP = Path.of("").toAbsolutePath();
  private static final Path PROGRAM = APP.resolve("target/spegel");
  private static final long TIMEOUT_SECONDS = 60;

  @TempDir Path temporary;

  /** What a run left. */
  private record Outcome(int status, String out, String err) {}

  private Outcome run(String options, List<String> jvm, String... arguments) throws Exception {
    Path out = temporary.resolve("out");
    Path err = temporary.resolve("err");
    Process process = start(options, jvm, out, err, arguments);
    assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static Process start(
      String options, List<String> jvm, Path out, Path err, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "@" + APP.resolve("src/main/jvm/common.options"),
                "@" + APP.resolve("src/main/jvm/" + options + ".options")));
    command.addAll(jvm);
    command.addAll(List.of("-jar", PROGRAM.resolve("spegel.jar").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
  }

  private static String cache(Path path) {
    return "-XX:AOTCache=" + path;
  }

  @Test
  void cache_isValid_withTheOptionsOfTheNode() throws Exception {
    Outcome outcome =
        run("registry", List.of(cache(PROGRAM.resolve("spegel.aot")), "-XX:AOTMode=on"), "version");
    assertEquals(0, outcome.status(), outcome::toString);
  }

  @Test
  void program_runsAndIsQuiet_whenCacheIsMissingOrBroken() throws Exception {
    Path broken = Files.writeString(temporary.resolve("broken.aot"), "not a cache");
    for (Path cache : List.of(temporary.resolve("missing.aot"), broken)) {
      Outcome outcome = run("command", List.of(cache(cache)), "version");
      assertEquals(0, outcome.status(), outcome::toString);
      assertTrue(outcome.out().startsWith("spegel "), outcome::toString);
      assertEquals("", outcome.err());
    }
  }

  @Test
  void arguments_decideStreamAndStatus() throws Exception {
    Outcome help = run("command", List.of(), "registry", "--help");
    assertEquals(0, help.status());
    assertEquals("", help.err());
    Outcome wrong = run("command", List.of(), "registry", "--bogus");
    assertEquals(2, wrong.status());
    assertEquals("", wrong.out());
    assertTrue(wrong.err().startsWith("Usage: "), wrong::err);
  }

  @Test
  void failure_isOneLine_withCauseAndCure() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Outcome outcome =
          run(
              "registry",
              List.of(cache(PROGRAM.resolve("spegel.aot"))),
              "registry",
              "--log-level=ERROR",
              "--containerd-sock=" + temporary.resolve("none.sock"),
              "--metrics-addr=127.0.0.1:0",
              "--registry-addr=127.0.0.1:" + taken.getLocalPort(),
              "--router-addr=127.0.0.1:0");
      assertEquals(1, outcome.status(), outcome::toString);
      assertEquals(1, outcome.err().lines().count(), outcome::err);
      assertTrue(outcome.err().contains(":" + taken.getLocalPort()), outcome::err);
      assertTrue(outcome.err().contains("--registry-addr"), outcome::err);
    }
    Outcome noLayout =
        run("registry", List.of(), "registry", "--store=oci-layout:" + temporary.resolve("none"));
    assertEquals(1, noLayout.status(), noLayout::toString);
    assertTrue(noLayout.err().contains("none"), noLayout::err);
  }

  @Test
  void node_exitsWithZero_whenTerminated() throws Exception {
    Path err = temporary.resolve("err");
    Process process =
        start(
            "registry",
            List.of(cache(PROGRAM.resolve("spegel.aot")), "-XX:AOTMode=on"),
            temporary.resolve("out"),
            err,
            "registry",
            "--containerd-sock=" + temporary.resolve("none.sock"),
            "--metrics-addr=127.0.0.1:0",
            "--registry-addr=127.0.0.1:0",
            "--router-addr=127.0.0.1:0");
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
      while (!Files.readString(err).contains("\"msg\":\"listening\"")) {
        assertTrue(process.isAlive() && System.nanoTime() < end, Files.readString(err));
        assertTrue(!process.waitFor(10, TimeUnit.MILLISECONDS), Files.readString(err));
      }
      process.destroy();
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), Files.readString(err));
      assertEquals("", Files.readString(temporary.resolve("out")));
      Files.readString(err).lines().forEach(line -> assertTrue(line.startsWith("{"), line));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void demo_endsWithASummary_andLeavesNothing() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("demo"));
    Outcome outcome =
        run(
            "registry",
            List.of(cache(PROGRAM.resolve("spegel.aot")), "-Djava.io.tmpdir=" + folder),
            "demo",
            "--image-size=4MiB",
            "--upstream-rate=1GiB");
    assertEquals(0, outcome.status(), outcome::toString);
    assertTrue(outcome.out().contains("from peers"), outcome::toString);
    assertEquals("", outcome.err());
    assertEmpty(folder);
    Outcome wrong = run("registry", List.of(), "demo", "--image=" + temporary.resolve("none.tar"));
    assertEquals(1, wrong.status(), wrong::toString);
    assertTrue(wrong.err().contains("none.tar") && wrong.err().contains("--image"), wrong::err);
    assertEquals(2, run("registry", List.of(), "demo", "--upstream-rate=fast").status());
  }

  @Test
  void demo_removesItsFolder_whenTerminatedWhileItServesOrPulls() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve("demo"));
    assertEquals(0, terminateDemo(folder, "Ctrl-C", "--serve", "--image-size=1MiB"));
    assertEquals(
        1, terminateDemo(folder, "1. The first", "--upstream-rate=64KiB", "--image-size=8MiB"));
  }

  /** Runs a demo until it shows the text, then ends it; gives its status. */
  private int terminateDemo(Path folder, String until, String... more) throws Exception {
    Path out = temporary.resolve("out");
    Path err = temporary.resolve("err");
    List<String> arguments = new ArrayList<>(List.of("demo"));
    arguments.addAll(List.of(more));
    Process process =
        start(
            "registry",
            List.of("-Djava.io.tmpdir=" + folder),
            out,
            err,
            arguments.toArray(String[]::new));
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
      while (!Files.readString(out).contains(until)) {
        assertTrue(process.isAlive() && System.nanoTime() < end, Files.readString(out));
        assertTrue(!process.waitFor(10, TimeUnit.MILLISECONDS), Files.readString(err));
      }
      process.destroy();
      assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
      assertEquals("", Files.readString(err));
      assertEmpty(folder);
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static void assertEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
