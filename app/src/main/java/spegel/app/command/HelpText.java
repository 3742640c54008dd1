package spegel.app.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import spegel.app.command.CommandDefinition.Section;

/** The help of a command, laid out by picocli. */
final class HelpText {
  private static final int HELP_COLUMNS = 108;
  private static final int OPTION_COLUMNS = 34;

  /** What is left beside the options' names, their margins and the indentation of wrapped lines. */
  private static final int DESCRIPTION_COLUMNS = HELP_COLUMNS - OPTION_COLUMNS - 10;

  private HelpText() {}

  /**
   * The help.
   *
   * @param command null for the program's own
   * @param coloured whether it may use the terminal's colours
   */
  static String of(@Nullable CommandDefinition command, boolean coloured) {
    CommandSpec root = newSpec("spegel", "Stateless cluster-local OCI registry mirror.");
    addGlobalFlags(root);
    for (CommandDefinition definition : Commands.ALL) {
      root.addSubcommand(definition.name(), spec(definition));
    }
    CommandLine program =
        new CommandLine(root)
            .setInterpolateVariables(false)
            .setUsageHelpWidth(HELP_COLUMNS)
            .setUsageHelpLongOptionsMaxWidth(OPTION_COLUMNS);
    CommandLine asked =
        command == null
            ? program
            : Objects.requireNonNull(program.getSubcommands().get(command.name()));
    return asked.getUsageMessage(coloured ? Ansi.AUTO : Ansi.OFF);
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
