package spegel.app.command;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of one command's flags: the command line's, else the environment's, else the default.
 */
final class FlagValues {
  private final Map<String, List<String>> given;
  private final Map<String, String> environment;

  /**
   * @param given the texts of the flags that are on the command line, by {@link Flag#option}
   * @param environment the process's environment variables
   */
  FlagValues(Map<String, List<String>> given, Map<String, String> environment) {
    this.given = given;
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
      List<String> texts = given.get(flag.option());
      if (texts != null) {
        return flag.reader().apply(texts);
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
