package spegel.app.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final long TIMEOUT_SECONDS = 60;

  @TempDir Path temporary;
  private Path tree;
  private Path jdk;

  /** What a run of the launcher left. */
  private record Outcome(int status, String out, String err) {}

  @BeforeEach
  void makeTree() throws IOException {
    tree = Files.createDirectory(temporary.resolve("a tree"));
    copy("spegel");
    copy("build/jdk.sh");
    for (String options : List.of("common", "registry", "command")) {
      copy("app/src/main/jvm/" + options + ".options");
    }
    Files.writeString(tree.resolve("pom.xml"), "");
    Files.writeString(tree.resolve("app/pom.xml"), "");
    for (String module : List.of("core", "containerd", "registry", "routing")) {
      Files.createDirectories(tree.resolve(module + "/src/main/java"));
      Files.writeString(tree.resolve(module + "/pom.xml"), "");
    }
    script(
        tree.resolve("mvnw"),
        """
        #!/bin/sh
        root=$(dirname "$0")
        echo built >> "$root/builds"
        echo "words of the build"
        [ ! -e "$root/broken" ] || exit 1
        mkdir -p "$root/app/target/spegel"
        : > "$root/app/target/spegel/spegel.jar"
        : > "$root/app/target/spegel/built"
        """);
    jdk = Files.createDirectories(temporary.resolve("jdk"));
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    script(jdk.resolve("bin/javac"), "#!/bin/sh\n");
    script(
        jdk.resolve("bin/java"),
        """
        #!/bin/sh
        for argument; do echo "<$argument>"; done
        echo "arenas $MALLOC_ARENA_MAX"
        exit 7
        """);
    setTimes(Instant.now().minusSeconds(3600));
  }

  private void copy(String file) throws IOException {
    Path target = tree.resolve(file);
    Files.createDirectories(target.getParent());
    Files.copy(ROOT.resolve(file), target);
    assertTrue(target.toFile().setExecutable(true, false));
  }

  private static void script(Path path, String text) throws IOException {
    Files.writeString(path, text);
    assertTrue(path.toFile().setExecutable(true, false));
  }

  /** Makes all that is there old. */
  private void setTimes(Instant instant) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.toList()) {
        Files.setLastModifiedTime(path, FileTime.from(instant));
      }
    }
  }

  private ProcessBuilder launcher(Path program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().remove("MALLOC_ARENA_MAX");
    return builder;
  }

  private Outcome run(Path program, String... arguments) throws Exception {
    return finish(start(launcher(program, arguments)));
  }

  private record Started(Process process, Path out, Path err) {}

  private Started start(ProcessBuilder builder) throws IOException {
    Path out = Files.createTempFile(temporary, "out", "");
    Path err = Files.createTempFile(temporary, "err", "");
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    return new Started(builder.start(), out, err);
  }

  private static Outcome finish(Started started) throws Exception {
    assertTrue(started.process().waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
    return new Outcome(
        started.process().exitValue(),
        Files.readString(started.out()),
        Files.readString(started.err()));
  }

  private long builds() throws IOException {
    Path log = tree.resolve("builds");
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  @Test
  void launch_buildsAndSaysSo_whenThereIsNoBuild() throws Exception {
    Outcome outcome = run(tree.resolve("spegel"), "version", "--format", "a b");
    assertEquals(7, outcome.status(), outcome::err);
    assertEquals(1, builds());
    assertTrue(outcome.err().startsWith("spegel: building"), outcome::err);
    assertFalse(outcome.err().contains("words of the build"), outcome::err);
    List<String> java = outcome.out().lines().toList();
    assertEquals(
        List.of(
            "<@" + tree + "/app/src/main/jvm/common.options>",
            "<@" + tree + "/app/src/main/jvm/command.options>",
            "<-jar>",
            "<" + tree + "/app/target/spegel/spegel.jar>",
            "<version>",
            "<--format>",
            "<a b>",
            "arenas 1"),
        java);
  }

  @Test
  void launch_buildsNothing_whenNothingChanged() throws Exception {
    run(tree.resolve("spegel"), "version");
    Outcome second = run(tree.resolve("spegel"), "version");
    assertEquals(1, builds());
    assertEquals("", second.err());
  }

  @Test
  void launch_buildsAgain_whenASourceIsChangedAddedOrDeleted() throws Exception {
    Path source = tree.resolve("core/src/main/java/A.java");
    Files.writeString(source, "");
    setTimes(Instant.now().minusSeconds(3600));
    run(tree.resolve("spegel"), "version");
    age(3);
    Files.writeString(source, "changed");
    assertTrue(run(tree.resolve("spegel"), "version").err().contains("A.java"));
    age(3);
    Files.writeString(tree.resolve("app/src/main/New.java"), "");
    run(tree.resolve("spegel"), "version");
    age(3);
    Files.delete(source);
    run(tree.resolve("spegel"), "version");
    assertEquals(4, builds());
  }

  /** Lets time pass: everything there is becomes older. */
  private void age(long seconds) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.toList()) {
        Instant before = Files.getLastModifiedTime(path).toInstant();
        Files.setLastModifiedTime(path, FileTime.from(before.minusSeconds(seconds)));
      }
    }
  }

  @Test
  void launch_buildsOnce_whenManyAreFirst() throws Exception {
    List<Started> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(start(launcher(tree.resolve("spegel"), "version")));
    }
    for (Started started : all) {
      assertEquals(7, finish(started).status());
    }
    assertEquals(1, builds());
  }

  @Test
  void launch_showsTheBuildsWords_whenItFails() throws Exception {
    Files.writeString(tree.resolve("broken"), "");
    Outcome outcome = run(tree.resolve("spegel"), "version");
    assertEquals(1, outcome.status());
    assertEquals("", outcome.out());
    assertTrue(outcome.err().contains("words of the build"), outcome::err);
  }

  @Test
  void launch_findsItsTree_throughALinkAndThePath() throws Exception {
    Path link = Files.createSymbolicLink(temporary.resolve("linked"), tree.resolve("spegel"));
    assertEquals(7, run(link, "version").status());
    assertEquals(1, builds());
  }

  @Test
  void launch_givesTheNodeItsOptions_whereverTheCommandStands() throws Exception {
    for (String[] arguments :
        new String[][] {
          {"registry", "--store", "version"},
          {"--log-level", "DEBUG", "registry"},
          {"demo", "--serve"},
        }) {
      String out = run(tree.resolve("spegel"), arguments).out();
      assertTrue(out.contains("/registry.options>"), () -> String.join(" ", arguments));
      assertTrue(out.contains("<-XX:AOTCache=" + tree), () -> String.join(" ", arguments));
    }
    String help = run(tree.resolve("spegel"), "--help").out();
    assertTrue(help.contains("/command.options>"), help);
    assertFalse(help.contains("AOTCache"), help);
  }

  @Test
  void launch_runsTheOldBuild_whenTheTreeCannotBeWrittenTo() throws Exception {
    run(tree.resolve("spegel"), "version");
    age(3);
    Files.writeString(tree.resolve("pom.xml"), "changed", StandardOpenOption.APPEND);
    Files.setPosixFilePermissions(
        tree.resolve("app"), PosixFilePermissions.fromString("r-xr-xr-x"));
    ProcessBuilder launcher = launcher(tree.resolve("spegel"), "version");
    if ("root".equals(System.getProperty("user.name"))) {
      // Permissions do not stop root: the launcher runs as nobody.
      Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
      launcher
          .command()
          .addAll(0, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
    }
    Outcome outcome = finish(start(launcher));
    assertEquals(7, outcome.status());
    assertTrue(outcome.err().contains("older build"), outcome::err);
    assertEquals(1, builds());
  }
}
