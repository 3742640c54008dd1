package spegel.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the surface that users' scripts and manifests rely on; a change here is a decision. */
class CommandSurfaceTest {

  @Test
  void flags_areThoseOfTheGoldenTable() {
    StringBuilder table = new StringBuilder();
    for (CommandDefinition command : Commands.ALL) {
      append(table, command.name(), Commands.LOG_LEVEL);
      command.flags().forEach(flag -> append(table, command.name(), flag));
    }
    assertEquals(golden("surface.txt"), table.toString());
  }

  private static void append(StringBuilder table, String command, Flag<?> flag) {
    table.append(
        "%s %s %s %s %s%n"
            .formatted(
                command,
                flag.option(),
                flag.environmentVariable(),
                flag.form(),
                Objects.requireNonNullElse(flag.defaultText(), "-")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spegel",
        "registry",
        "configuration",
        "cleanup",
        "cleanup-wait",
        "demo",
        "version"
      })
  void help_isTheGoldenText(String command) {
    String[] arguments =
        command.equals("spegel") ? new String[] {"--help"} : new String[] {command, "--help"};
    ParsedCommand.Help help =
        assertInstanceOf(
            ParsedCommand.Help.class, new CommandLineParser(Map.of(), false).parse(arguments));
    assertEquals(golden("help-" + command + ".txt"), help.text());
  }

  @Test
  void help_isShown_whenOtherArgumentsAreWrongToo() {
    for (List<String> arguments :
        List.of(List.of("configuration", "-h"), List.of("cleanup-wait", "--help"))) {
      assertInstanceOf(
          ParsedCommand.Help.class,
          new CommandLineParser(Map.of("LOG_LEVEL", "LOUD"), false)
              .parse(arguments.toArray(String[]::new)));
    }
  }

  private static String golden(String name) {
    try (InputStream file = CommandSurfaceTest.class.getResourceAsStream(name)) {
      assertNotNull(file, name);
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
