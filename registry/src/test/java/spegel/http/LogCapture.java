package spegel.http;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Everything that is logged while it is open. */
public final class LogCapture extends Handler implements AutoCloseable {
  private final Logger root = Logger.getLogger("");
  private final List<Handler> before = List.of(root.getHandlers());
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  /** Begins to capture; nothing reaches the console meanwhile. */
  public LogCapture() {
    before.forEach(root::removeHandler);
    root.addHandler(this);
  }

  @Override
  public void publish(LogRecord record) {
    if (record.getLevel().intValue() >= Level.INFO.intValue()) {
      records.add(record);
    }
  }

  /** The messages so far, with the class of the exception where there is one. */
  public List<String> messages() {
    return records.stream()
        .map(
            record ->
                record.getLevel()
                    + " "
                    + record.getMessage()
                    + (record.getThrown() == null ? "" : " thrown: " + record.getThrown()))
        .toList();
  }

  /** The messages that came with a stack trace. */
  public List<String> stackTraces() {
    return messages().stream().filter(message -> message.contains(" thrown: ")).toList();
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    root.removeHandler(this);
    before.forEach(root::addHandler);
  }
}
