package spegel.e2e.harness;

import io.avaje.json.JsonException;
import io.avaje.json.mapper.JsonMapper;
import java.util.Map;

/**
 * A line of our program's log.
 *
 * @param fields all members of the JSON object
 */
public record LogRecord(Map<String, Object> fields) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Reads a line; an {@link AssertionError} when it is not a JSON object. */
  static LogRecord parse(String line) {
    try {
      return new LogRecord(JSON.fromJsonObject(line));
    } catch (JsonException e) {
      throw new AssertionError("not a JSON object on the log: " + line, e);
    }
  }

  /** What the line says. */
  public String message() {
    return text("msg");
  }

  /** How grave it is: DEBUG, INFO, WARN or ERROR. */
  public String level() {
    return text("level");
  }

  /** A member as text; empty when it is missing. */
  public String text(String field) {
    return String.valueOf(fields.getOrDefault(field, ""));
  }
}
