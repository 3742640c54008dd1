package spegel.containerd.hosts;

import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes TOML (v1.0.0) in one form: literal strings where they can hold the value, a table's own
 * values before its tables, a blank line before each table in another.
 */
final class TomlWriter {
  private static final Pattern BARE_KEY = Pattern.compile("[A-Za-z0-9_-]+");

  private TomlWriter() {}

  /** A table under its header, then the tables in it. */
  static String block(List<String> path, Map<?, ?> table) {
    StringBuilder text = new StringBuilder();
    append(text, path, table);
    return text.toString();
  }

  /** A key and its value. */
  static String line(String key, Object value) {
    return key(List.of(key)) + " = " + value(value);
  }

  static String key(List<String> path) {
    StringJoiner key = new StringJoiner(".");
    path.forEach(part -> key.add(BARE_KEY.matcher(part).matches() ? part : string(part)));
    return key.toString();
  }

  static String string(String value) {
    return value.chars().anyMatch(c -> c == '\'' || Character.isISOControl(c))
        ? '"' + escaped(value) + '"'
        : "'" + value + "'";
  }

  private static void append(StringBuilder text, List<String> path, Map<?, ?> table) {
    text.append(text.isEmpty() ? "" : "\n\n").append('[').append(key(path)).append(']');
    table.forEach(
        (key, value) -> {
          if (!(value instanceof Map)) {
            text.append('\n').append(line((String) key, value));
          }
        });
    table.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> inner) {
            append(text, Stream.concat(path.stream(), Stream.of((String) key)).toList(), inner);
          }
        });
  }

  private static String value(Object value) {
    return switch (value) {
      case String string -> string(string);
      case List<?> list -> array(list);
      case Map<?, ?> table -> inlineTable(table);
      case Double number -> number(number);
      // ISO 8601 with seconds, which toString() leaves out when there are none.
      case OffsetDateTime time -> DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
      case LocalDateTime time -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
      case LocalTime time -> DateTimeFormatter.ISO_LOCAL_TIME.format(time);
      // Integers, booleans and dates.
      default -> value.toString();
    };
  }

  private static String array(List<?> list) {
    StringJoiner values = new StringJoiner(", ", "[", "]");
    list.forEach(value -> values.add(value(value)));
    return values.toString();
  }

  private static String inlineTable(Map<?, ?> table) {
    StringJoiner entries = new StringJoiner(", ", "{", "}");
    table.forEach((key, value) -> entries.add(line((String) key, value)));
    return entries.toString();
  }

  private static String number(double number) {
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    return Double.isNaN(number) ? "nan" : Double.toString(number);
  }

  private static String escaped(String value) {
    StringBuilder escaped = new StringBuilder(value.length() + 8);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else if (Character.isISOControl(c)) {
        escaped.append("\\u%04X".formatted((int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
