package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerProcessTest {
  private static final long PID = 77;
  private static final long NAMESPACE = 4026531836L;

  @TempDir Path proc;

  @BeforeEach
  void createProcess() throws IOException {
    Files.createDirectories(proc.resolve("self/ns"));
    Files.createSymbolicLink(proc.resolve("self/ns/pid"), Path.of("pid:[" + NAMESPACE + "]"));
    Files.createDirectories(proc.resolve("77"));
    Files.createSymbolicLink(proc.resolve("77/cwd"), Path.of("/srv"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-c a.toml", "--config a.toml", "-c=a.toml", "--log-level x --config=a.toml"})
  void configFile_isResolvedFromTheWorkingDirectory(String arguments) throws IOException {
    commandLine("/usr/bin/containerd " + arguments);

    assertEquals(Optional.of(Path.of("/srv/a.toml")), configFile(PID, NAMESPACE));
  }

  @Test
  void configFile_isAbsolute_whenNamedSo() throws IOException {
    commandLine("containerd -c /etc/a.toml");

    assertEquals(Optional.of(Path.of("/etc/a.toml")), configFile(PID, NAMESPACE));
  }

  @Test
  void configFile_isEmpty_whenNoneIsNamed() throws IOException {
    commandLine("-c containerd --address /a.sock -c");

    assertEquals(Optional.empty(), configFile(PID, NAMESPACE));
  }

  @Test
  void configFile_isEmpty_whenTheProcessCannotBeSeen() throws IOException {
    commandLine("containerd -c /etc/a.toml");

    assertEquals(Optional.empty(), configFile(PID, NAMESPACE + 1));
    assertEquals(Optional.empty(), configFile(PID + 1, NAMESPACE));
    assertEquals(Optional.empty(), configFile(0, NAMESPACE));
    assertEquals(Optional.empty(), configFile(-1, NAMESPACE));
  }

  private Optional<Path> configFile(long pid, long pidNamespace) {
    return new ServerProcess(proc).configFile(pid, pidNamespace);
  }

  private void commandLine(String arguments) throws IOException {
    Files.writeString(proc.resolve("77/cmdline"), arguments.replace(' ', '\0') + "\0");
  }
}
