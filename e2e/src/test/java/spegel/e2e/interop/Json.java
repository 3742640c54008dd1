package spegel.e2e.interop;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a JSON document holds; an {@link AssertionError} names what is missing. */
final class Json {
  private Json() {}

  static Map<?, ?> object(@Nullable Object value) {
    if (value instanceof Map<?, ?> object) {
      return object;
    }
    throw new AssertionError("not an object: " + value);
  }

  static List<Map<?, ?>> objects(@Nullable Object value) {
    return elements(value).stream().<Map<?, ?>>map(Json::object).toList();
  }

  static List<String> texts(@Nullable Object value) {
    return elements(value).stream().map(String::valueOf).toList();
  }

  static List<Double> numbers(@Nullable Object value) {
    return elements(value).stream().map(element -> ((Number) element).doubleValue()).toList();
  }

  /** An empty list has no elements; so has a value that was left out. */
  private static List<?> elements(@Nullable Object value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw new AssertionError("not an array: " + value);
  }

  static String text(Map<?, ?> object, String field) {
    if (object.get(field) instanceof String text) {
      return text;
    }
    throw new AssertionError("no text " + field + " in " + object);
  }

  static long number(Map<?, ?> object, String field) {
    return (long) decimal(object, field);
  }

  static double decimal(Map<?, ?> object, String field) {
    if (object.get(field) instanceof Number number) {
      return number.doubleValue();
    }
    throw new AssertionError("no number " + field + " in " + object);
  }

  static boolean flag(Map<?, ?> object, String field) {
    return Boolean.TRUE.equals(object.get(field));
  }
}
