package spegel.app.command;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a command line and the environment. It starts nothing, and writes nothing. What values mean
 * is said by {@link Flag}.
 */
public final class CommandLineParser {
  private final Map<String, String> environment;
  private final boolean coloured;

  /**
   * @param environment the environment variables
   * @param coloured whether help may use the terminal's colours
   */
  public CommandLineParser(Map<String, String> environment, boolean coloured) {
    this.environment = environment;
    this.coloured = coloured;
  }

  /** Reads the arguments; whatever they are, the answer is a value. */
  public ParsedCommand parse(String... arguments) {
    ArgumentReader reader = new ArgumentReader(arguments);
    if (reader.isHelpAsked()) {
      return new ParsedCommand.Help(HelpText.of(reader.command(), coloured));
    }
    try {
      reader.read();
      CommandDefinition command = reader.command();
      if (command == null) {
        throw new InvalidArgumentsException("a command must be given");
      }
      FlagValues values = new FlagValues(reader.values(), environment);
      return new ParsedCommand.Run(
          command.configure().apply(values), values.get(Commands.LOG_LEVEL));
    } catch (InvalidArgumentsException e) {
      return invalid(reader.command(), e.reason());
    }
  }

  private static ParsedCommand invalid(@Nullable CommandDefinition command, String reason) {
    String name = command == null ? "spegel" : "spegel " + command.name();
    String operands = command == null ? " [OPTIONS] [COMMAND]" : " [OPTIONS]";
    return new ParsedCommand.Invalid(
        "Usage: %s%nerror: %s%nTry %s --help.%n".formatted(name + operands, reason, name));
  }
}
