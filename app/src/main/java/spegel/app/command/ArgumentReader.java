package spegel.app.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the arguments of a command line apart: which command, and the texts given for each flag.
 * What begins with a dash is a flag, and never another flag's value unless it is joined to it by an
 * equals sign. A list takes the arguments that follow it, or the one text after its equals sign.
 *
 * <p>No library does it, because this runs before anything else can start: picocli's classes are in
 * a format that the JVM keeps in no AOT cache, and loading them is a quarter of the time that a
 * node may take to be ready. It lays out the help, where nobody waits.
 */
final class ArgumentReader {
  private final List<String> arguments;
  private final boolean helpAsked;
  private final Map<String, List<String>> values = new HashMap<>();
  private @Nullable CommandDefinition command;
  private int at;

  ArgumentReader(String... arguments) {
    this.arguments = List.of(arguments);
    this.helpAsked = this.arguments.contains("--help") || this.arguments.contains("-h");
    if (helpAsked) {
      this.command =
          Commands.ALL.stream()
              .filter(definition -> this.arguments.contains(definition.name()))
              .findFirst()
              .orElse(null);
    }
  }

  /** Whether help is wanted; the other arguments then do not matter. */
  boolean isHelpAsked() {
    return helpAsked;
  }

  /** The command, as far as read; null when there was none yet. */
  @Nullable CommandDefinition command() {
    return command;
  }

  /** The texts of each flag that was given, by the flag's {@link Flag#option}. */
  Map<String, List<String>> values() {
    return values;
  }

  /**
   * Reads all arguments.
   *
   * @throws InvalidArgumentsException at the first that is not understood; the message names it
   */
  void read() {
    while (at < arguments.size()) {
      String argument = arguments.get(at++);
      if (argument.startsWith("-")) {
        readFlag(argument);
      } else if (command == null) {
        command = find(argument);
      } else {
        throw new InvalidArgumentsException("unexpected argument: " + argument);
      }
    }
  }

  private static CommandDefinition find(String name) {
    for (CommandDefinition definition : Commands.ALL) {
      if (definition.name().equals(name)) {
        return definition;
      }
    }
    throw new InvalidArgumentsException("no such command: " + name);
  }

  private void readFlag(String argument) {
    int equals = argument.indexOf('=');
    Flag<?> flag = flag(equals < 0 ? argument : argument.substring(0, equals));
    List<String> texts = values.computeIfAbsent(flag.option(), option -> new ArrayList<>());
    if (equals >= 0) {
      texts.add(argument.substring(equals + 1));
      return;
    }
    switch (flag.form()) {
      case SWITCH -> texts.add("true");
      case VALUE -> {
        if (!isValueNext()) {
          throw new InvalidArgumentsException(flag.option() + ": a value must follow");
        }
        texts.add(arguments.get(at++));
      }
      case LIST -> {
        while (isValueNext()) {
          texts.add(arguments.get(at++));
        }
      }
    }
  }

  private boolean isValueNext() {
    return at < arguments.size() && !arguments.get(at).startsWith("-");
  }

  private Flag<?> flag(String option) {
    if (option.equals(Commands.LOG_LEVEL.option())) {
      return Commands.LOG_LEVEL;
    }
    CommandDefinition definition = command;
    if (definition != null) {
      for (CommandDefinition.Section section : definition.sections()) {
        for (Flag<?> flag : section.flags()) {
          if (option.equals(flag.option())) {
            return flag;
          }
        }
      }
    }
    throw new InvalidArgumentsException("no such option: " + option);
  }
}
