package spegel.app.log;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/**
 * A logger of one name. The name decides one thing: libraries are not asked for their debugging
 * output, which would drown ours.
 */
final class JsonLogger extends LegacyAbstractLogger implements LoggingEventAware {
  private static final long serialVersionUID = 1L;

  private final transient LogOutput output;
  private final boolean own;

  JsonLogger(String name, LogOutput output) {
    this.name = name;
    this.output = output;
    this.own = name.startsWith("spegel.");
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public boolean isDebugEnabled() {
    return own && output.passes(Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return output.passes(Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return output.passes(Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return output.passes(Level.ERROR);
  }

  @Override
  public void log(LoggingEvent event) {
    Object[] arguments = event.getArgumentArray();
    write(
        event.getLevel(),
        event.getMessage(),
        arguments,
        event.getKeyValuePairs() == null ? List.of() : event.getKeyValuePairs(),
        event.getThrowable());
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      @Nullable String messagePattern,
      Object @Nullable [] arguments,
      @Nullable Throwable throwable) {
    write(level, messagePattern, arguments, List.of(), throwable);
  }

  private void write(
      Level level,
      @Nullable String pattern,
      Object @Nullable [] arguments,
      List<org.slf4j.event.KeyValuePair> fields,
      @Nullable Throwable throwable) {
    String message =
        arguments == null || arguments.length == 0
            ? pattern
            : MessageFormatter.basicArrayFormat(pattern, arguments);
    output.write(level, message, fields, throwable);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    // The caller is found by package, see LogOutput.
    return null;
  }
}
