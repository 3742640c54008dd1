package spegel.app.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;

/** Where lines go and which pass; one for the process, and one of its own for each test. */
final class LogOutput {
  private static final StackWalker STACK = StackWalker.getInstance();

  /** Frames of these are the way to the log, not where something was logged. */
  private static final Set<String> LOGGING_PACKAGES =
      Set.of(
          "org.slf4j",
          "org.slf4j.helpers",
          "org.slf4j.spi",
          "org.slf4j.bridge",
          "java.util.logging",
          "io.netty.util.internal.logging");

  private static final Set<String> LOGGING_CLASSES =
      Set.of(LogOutput.class.getName(), JsonLogger.class.getName());

  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile OutputStream stream;
  private volatile int threshold = LogLevel.INFO.threshold();

  LogOutput(InstantSource clock, OutputStream stream) {
    this.clock = clock;
    this.stream = stream;
  }

  /** Writes to standard error, unbuffered. */
  static LogOutput standardError() {
    return new LogOutput(InstantSource.system(), new FileOutputStream(FileDescriptor.err));
  }

  void level(LogLevel level) {
    threshold = level.threshold();
  }

  OutputStream redirect(OutputStream target) {
    OutputStream before = stream;
    stream = target;
    return before;
  }

  boolean passes(Level level) {
    return level.toInt() >= threshold;
  }

  void write(
      Level level, @Nullable String message, List<KeyValuePair> fields, @Nullable Throwable error) {
    JsonLine line = new JsonLine(clock.instant(), level);
    line.source(STACK.walk(frames -> frames.filter(LogOutput::isCaller).findFirst()).orElse(null));
    line.field("msg", message == null ? "" : message);
    for (KeyValuePair field : fields) {
      line.field(field.key, field.value);
    }
    if (error != null) {
      line.error(error, passes(Level.DEBUG));
    }
    write(line.toBytes());
  }

  private void write(byte[] line) {
    lock.lock();
    try {
      stream.write(line);
    } catch (IOException e) {
      // Nobody reads the log any more, and there is no other place to say so; the node goes on.
      return;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isCaller(StackWalker.StackFrame frame) {
    String type = frame.getClassName();
    int lastDot = type.lastIndexOf('.');
    return !LOGGING_CLASSES.contains(type)
        && (lastDot < 0 || !LOGGING_PACKAGES.contains(type.substring(0, lastDot)));
  }
}
