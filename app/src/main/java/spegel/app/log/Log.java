package spegel.app.log;

import java.io.OutputStream;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** The log of the process. */
public final class Log {
  static final LogOutput OUTPUT = LogOutput.standardError();

  private Log() {}

  /**
   * From now on the level holds, what libraries write to the JDK's own logging comes here too, and
   * a thread that dies of an exception leaves a line.
   */
  public static void start(LogLevel level) {
    OUTPUT.level(level);
    LogManager.getLogManager().reset();
    SLF4JBridgeHandler.install();
    Logger.getLogger("").setLevel(ofLibraries(level));
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, error) ->
            LoggerFactory.getLogger(Log.class)
                .atError()
                .setCause(error)
                .addKeyValue("thread", thread.getName())
                .log("thread died"));
  }

  /** The level for what libraries write to the JDK's own logging; their debugging is left out. */
  private static Level ofLibraries(LogLevel level) {
    return switch (level) {
      case DEBUG, INFO -> Level.INFO;
      case WARN -> Level.WARNING;
      case ERROR -> Level.SEVERE;
    };
  }

  /** Lines that go elsewhere for a while. */
  @FunctionalInterface
  public interface Redirection extends AutoCloseable {

    /** They go where they went before. */
    @Override
    void close();
  }

  /** Sends the lines elsewhere until the result is closed. */
  public static Redirection redirect(OutputStream target) {
    OutputStream before = OUTPUT.redirect(target);
    return () -> OUTPUT.redirect(before);
  }
}
