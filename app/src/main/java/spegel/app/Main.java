package spegel.app;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.app.command.CleanupConfiguration;
import spegel.app.command.CleanupWaitConfiguration;
import spegel.app.command.CommandConfiguration;
import spegel.app.command.CommandFailedException;
import spegel.app.command.CommandLineParser;
import spegel.app.command.DemoConfiguration;
import spegel.app.command.HostsConfiguration;
import spegel.app.command.ParsedCommand;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.VersionConfiguration;
import spegel.app.demo.Demo;
import spegel.app.log.Log;
import spegel.app.node.Node;

/** The program's entry. */
public final class Main {
  /** The command did its work. */
  static final int DONE = 0;

  /** The command failed at its work; the log says why. */
  static final int FAILED = 1;

  /** The command line is wrong; standard error says why. */
  static final int INVALID = 2;

  /** Kubernetes kills after 30 s, and then nobody learns why the end took so long. */
  private static final Duration STOP_WITHIN = Duration.ofMillis(29_500);

  private final PrintStream out;
  private final PrintStream err;
  private final CommandLineParser parser;
  private final Map<String, String> environment;
  private final boolean coloured;
  private final Termination termination;

  /**
   * A program that has not started yet.
   *
   * @param out takes what was asked for
   * @param err takes what is wrong with the arguments; the log goes to the process's own
   * @param environment the environment variables
   * @param coloured whether a terminal's colours may be used where there is one
   * @param termination ends a command that runs until it is told to
   */
  public Main(
      PrintStream out,
      PrintStream err,
      Map<String, String> environment,
      boolean coloured,
      Termination termination) {
    this.out = out;
    this.err = err;
    this.environment = environment;
    this.coloured = coloured;
    this.parser = new CommandLineParser(environment, coloured);
    this.termination = termination;
  }

  /** Runs the command line and exits with its status: 0, 1 for a failure, 2 for wrong arguments. */
  public static void main(String[] arguments) {
    int status =
        new Main(System.out, System.err, System.getenv(), true, new Termination()).run(arguments);
    System.exit(status);
  }

  /** Runs the command line to its end, and returns the process's exit status. */
  public int run(String... arguments) {
    // Not a switch over types, here and elsewhere on the way to a running node: the JVM links one
    // anew at each start, which the AOT cache cannot save, and which takes tens of milliseconds.
    ParsedCommand parsed = parser.parse(arguments);
    if (parsed instanceof ParsedCommand.Run run) {
      Log.start(run.logLevel());
      return run(run.configuration());
    }
    if (parsed instanceof ParsedCommand.Help help) {
      out.print(help.text());
      return DONE;
    }
    err.print(((ParsedCommand.Invalid) parsed).text());
    return INVALID;
  }

  private int run(CommandConfiguration configuration) {
    try {
      if (configuration instanceof RegistryConfiguration registry) {
        serve(registry);
      } else if (configuration instanceof DemoConfiguration demo) {
        return demonstrate(demo);
      } else {
        runBriefly(configuration);
      }
      return DONE;
    } catch (CommandFailedException e) {
      fail(e.getMessage(), e);
    } catch (RuntimeException e) {
      fail("The command failed for a reason that it does not know", e);
    }
    return FAILED;
  }

  private void runBriefly(CommandConfiguration configuration) {
    switch (configuration) {
      case HostsConfiguration hosts -> MirrorCommands.configure(hosts, Node.CREDENTIALS);
      case CleanupConfiguration cleanup -> MirrorCommands.cleanUp(cleanup, termination);
      case CleanupWaitConfiguration wait -> MirrorCommands.awaitCleanup(wait);
      case VersionConfiguration version -> out.println(Version.current().print(version.format()));
      case RegistryConfiguration registry -> serve(registry);
      case DemoConfiguration demo -> demonstrate(demo);
    }
  }

  private int demonstrate(DemoConfiguration configuration) {
    termination.listen();
    try (var _ = termination.interrupting(Thread.currentThread())) {
      boolean terminal =
          coloured && Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
      boolean good = Demo.run(configuration, agentVersion(), out, terminal, environment);
      return good ? DONE : FAILED;
    }
  }

  private static String agentVersion() {
    return "spegel-jvm/" + Version.current().program();
  }

  private void serve(RegistryConfiguration configuration) {
    termination.listen();
    AtomicReference<@Nullable String> hopeless = new AtomicReference<>();
    Node node =
        Node.start(
            configuration,
            agentVersion(),
            Node.CREDENTIALS,
            why -> {
              hopeless.set(why);
              termination.request();
            });
    Heap heap = new Heap(Heap::usedBytes, System::gc);
    while (!termination.await(Heap.BETWEEN_LOOKS)) {
      heap.look();
    }
    try (var _ = Termination.within(STOP_WITHIN)) {
      node.stop();
    }
    String why = hopeless.get();
    if (why != null) {
      throw new CommandFailedException(why);
    }
  }

  /** One line; what is behind a message that explains itself is shown to who asks for DEBUG. */
  private static void fail(@Nullable String message, RuntimeException failure) {
    Logger log = LoggerFactory.getLogger(Main.class);
    boolean explained = failure instanceof CommandFailedException && !log.isDebugEnabled();
    log.error(message, explained ? null : failure);
  }
}
