package spegel.app.log;

import org.slf4j.event.Level;

/** How much is logged: the named level and all that are more severe. */
public enum LogLevel {
  DEBUG(Level.DEBUG),
  INFO(Level.INFO),
  WARN(Level.WARN),
  ERROR(Level.ERROR);

  private final int threshold;

  LogLevel(Level level) {
    this.threshold = level.toInt();
  }

  /** The least severity that passes, in SLF4J's numbers. */
  int threshold() {
    return threshold;
  }
}
