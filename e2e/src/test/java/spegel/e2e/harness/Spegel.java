package spegel.e2e.harness;

import java.util.ArrayList;
import java.util.List;

/**
 * The command line that ships: the launcher of this repository, or the program that the environment
 * variable {@code SPEGEL_E2E_PROGRAM} names, such as an installed one.
 */
public final class Spegel {
  private static final String PROGRAM =
      System.getenv().getOrDefault("SPEGEL_E2E_PROGRAM", Repository.file("spegel"));

  private Spegel() {}

  /** Runs a command that ends by itself. */
  public static Command.Outcome run(String... arguments) {
    return Command.run(command(List.of(arguments)));
  }

  /** The program with these arguments. */
  public static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(PROGRAM);
    command.addAll(arguments);
    return command;
  }
}
