package spegel.app.command;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The values of one command's flags: the command line's, else the environment's, else the default.
 */
final class FlagValues {
  private final List<ParseResult> levels;
  private final Map<String, String> environment;

  /**
   * @param levels the parsed command line, outermost command first; an inner one's flag wins
   * @param environment the process's environment variables
   */
  FlagValues(List<ParseResult> levels, Map<String, String> environment) {
    this.levels = levels;
    this.environment = environment;
  }

  /**
   * The flag's value.
   *
   * @throws InvalidArgumentsException when it is missing or wrong; the message names where it is
   *     from
   */
  <T extends @Nullable Object> T get(Flag<T> flag) {
    String origin = flag.option();
    try {
      for (ParseResult level : levels.reversed()) {
        OptionSpec option = level.matchedOption(flag.option());
        if (option != null) {
          return flag.reader().apply(option.stringValues());
        }
      }
      String variable = environment.get(flag.environmentVariable());
      if (variable != null) {
        origin = "environment variable " + flag.environmentVariable();
        return flag.reader()
            .apply(
                flag.form() == Flag.Form.LIST ? CommaSeparated.parse(variable) : List.of(variable));
      }
      return flag.reader()
          .apply(flag.defaultText() == null ? List.of() : List.of(flag.defaultText()));
    } catch (InvalidValueException e) {
      throw new InvalidArgumentsException(origin + ": " + e.reason());
    }
  }
}
