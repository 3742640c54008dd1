package spegel.e2e.harness;

import java.util.ArrayList;
import java.util.List;

/** The command line that ships. */
public final class Spegel {
  private Spegel() {}

  /** Runs a command that ends by itself. */
  public static Command.Outcome run(String... arguments) {
    return Command.run(command(List.of(arguments)));
  }

  /** The launcher with these arguments. */
  public static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Repository.file("spegel"));
    command.addAll(arguments);
    return command;
  }
}
