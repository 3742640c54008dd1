package spegel.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import spegel.app.command.CommandDefinition.Section;

/**
 * Reads a command line and the environment. It starts nothing, and writes nothing. picocli takes
 * the arguments apart and lays out the help; what values mean is said by {@link Flag}.
 */
public final class CommandLineParser {
  private static final int HELP_COLUMNS = 108;
  private static final int OPTION_COLUMNS = 34;

  /** What is left beside the options' names, their margins and the indentation of wrapped lines. */
  private static final int DESCRIPTION_COLUMNS = HELP_COLUMNS - OPTION_COLUMNS - 10;

  private final Map<String, String> environment;
  private final Ansi ansi;
  private final CommandLine program;

  /**
   * @param environment the environment variables
   * @param coloured whether help may use the terminal's colours
   */
  public CommandLineParser(Map<String, String> environment, boolean coloured) {
    this.environment = environment;
    this.ansi = coloured ? Ansi.AUTO : Ansi.OFF;
    CommandSpec root = newSpec("spegel", "Stateless cluster-local OCI registry mirror.");
    addGlobalFlags(root);
    for (CommandDefinition definition : Commands.ALL) {
      root.addSubcommand(definition.name(), spec(definition));
    }
    this.program =
        new CommandLine(root)
            .setOverwrittenOptionsAllowed(true)
            .setUnmatchedOptionsAllowedAsOptionParameters(false)
            .setExpandAtFiles(false)
            .setInterpolateVariables(false)
            .setUsageHelpWidth(HELP_COLUMNS)
            .setUsageHelpLongOptionsMaxWidth(OPTION_COLUMNS);
  }

  /** Reads the arguments; whatever they are, the answer is a value. */
  public ParsedCommand parse(String... arguments) {
    CommandLine at = program;
    try {
      List<ParseResult> levels = new ArrayList<>();
      ParseResult result = program.parseArgs(arguments);
      levels.add(result);
      while (result.hasSubcommand()) {
        result = result.subcommand();
        levels.add(result);
      }
      at = result.commandSpec().commandLine();
      if (levels.stream().anyMatch(ParseResult::isUsageHelpRequested)) {
        return new ParsedCommand.Help(at.getUsageMessage(ansi));
      }
      return configure(result.commandSpec().name(), new FlagValues(levels, environment));
    } catch (ParameterException e) {
      return invalid(
          e.getCommandLine(), Objects.requireNonNullElse(e.getMessage(), "wrong arguments"));
    } catch (InvalidArgumentsException e) {
      return invalid(at, e.reason());
    }
  }

  private static ParsedCommand configure(String name, FlagValues values) {
    for (CommandDefinition definition : Commands.ALL) {
      if (definition.name().equals(name)) {
        return new ParsedCommand.Run(
            definition.configure().apply(values), values.get(Commands.LOG_LEVEL));
      }
    }
    throw new InvalidArgumentsException("a command must be given");
  }

  private ParsedCommand invalid(CommandLine command, String reason) {
    String synopsis = command.getHelp().synopsis(0).strip();
    return new ParsedCommand.Invalid(
        "Usage: %s%nerror: %s%nTry %s --help.%n"
            .formatted(synopsis, reason, command.getCommandSpec().qualifiedName()));
  }

  private static CommandSpec newSpec(String name, String description) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage()
        .description(description)
        .descriptionHeading("%n")
        .commandListHeading("%nCommands%n")
        .abbreviateSynopsis(true)
        .sortOptions(false)
        .sortSynopsis(false);
    spec.parser().caseInsensitiveEnumValuesAllowed(true);
    return spec;
  }

  private static CommandSpec spec(CommandDefinition definition) {
    CommandSpec spec = newSpec(definition.name(), definition.description());
    spec.usageMessage().header(definition.summary());
    int order = 0;
    for (Section section : definition.sections()) {
      List<OptionSpec> options = new ArrayList<>();
      section.flags().forEach(flag -> options.add(option(flag)));
      spec.addArgGroup(group(section.heading(), order++, options));
    }
    addGlobalFlags(spec);
    return spec;
  }

  private static void addGlobalFlags(CommandSpec spec) {
    OptionSpec help =
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .arity("0")
            .description("Print this help.")
            .build();
    spec.addArgGroup(
        group("All commands", Integer.MAX_VALUE, List.of(option(Commands.LOG_LEVEL), help)));
  }

  private static ArgGroupSpec group(String heading, int order, List<OptionSpec> options) {
    ArgGroupSpec.Builder group =
        ArgGroupSpec.builder()
            .heading("%n" + heading + "%n")
            .exclusive(false)
            .validate(false)
            .order(order);
    options.forEach(group::addArg);
    return group.build();
  }

  private static OptionSpec option(Flag<?> flag) {
    OptionSpec.Builder option =
        OptionSpec.builder(flag.option())
            .paramLabel(flag.placeholder())
            .description(describe(flag));
    return switch (flag.form()) {
      case VALUE -> option.type(String.class).arity("1").build();
      case LIST -> option.type(List.class).auxiliaryTypes(String.class).arity("0..*").build();
      case SWITCH -> option.type(String.class).arity("0..1").fallbackValue("true").build();
    };
  }

  /** The description, then where else the value may come from; each array element is a line. */
  private static String[] describe(Flag<?> flag) {
    String variable = "[$" + flag.environmentVariable();
    if (flag.defaultText() == null) {
      return new String[] {flag.description(), variable + "]"};
    }
    String defaults = "default " + flag.defaultText() + "]";
    return variable.length() + defaults.length() < DESCRIPTION_COLUMNS - 2
        ? new String[] {flag.description(), variable + ", " + defaults}
        : new String[] {flag.description(), variable + ",", defaults};
  }
}
