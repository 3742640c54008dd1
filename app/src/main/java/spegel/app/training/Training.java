package spegel.app.training;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import spegel.app.Main;

/** Does once what the commands do, so that the JVM remembers which classes and code they need. */
public final class Training {
  private final PrintStream nowhere =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  private Training() {}

  /** Runs the training; the JVM's options say where the cache goes. */
  public static void main(String[] arguments) {
    new Training().run();
  }

  private void run() {
    command("--help");
    command("registry", "--help");
    command("version");
    command("registry", "--wrong");
  }

  private void command(String... arguments) {
    new Main(nowhere, nowhere, Map.of(), true).run(arguments);
  }
}
