package spegel.app.command;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A command: its name, its flags, and how their values become its configuration.
 *
 * @param name what is typed
 * @param summary one line, for the list of commands
 * @param description some sentences, for the command's own help
 * @param sections the flags as they are grouped in the help
 * @param configure makes and validates the configuration
 */
record CommandDefinition(
    String name,
    String summary,
    String description,
    List<Section> sections,
    Function<FlagValues, CommandConfiguration> configure) {

  /**
   * Flags that belong together.
   *
   * @param heading above them in the help
   * @param flags in the order of the help
   */
  record Section(String heading, List<Flag<?>> flags) {}

  /** All flags, in the order of the help. */
  Stream<Flag<?>> flags() {
    return sections.stream().flatMap(section -> section.flags().stream());
  }
}
