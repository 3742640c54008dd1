package spegel.e2e.harness;

import io.avaje.json.mapper.JsonMapper;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a JSON document holds; an {@link AssertionError} names what is missing. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /** The object that the text is. */
  public static Map<?, ?> parse(String text) {
    return MAPPER.fromJsonObject(text);
  }

  public static Map<?, ?> object(@Nullable Object value) {
    if (value instanceof Map<?, ?> object) {
      return object;
    }
    throw new AssertionError("not an object: " + value);
  }

  public static List<Map<?, ?>> objects(@Nullable Object value) {
    return elements(value).stream().<Map<?, ?>>map(Json::object).toList();
  }

  public static List<String> texts(@Nullable Object value) {
    return elements(value).stream().map(String::valueOf).toList();
  }

  public static List<Double> numbers(@Nullable Object value) {
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

  public static String text(Map<?, ?> object, String field) {
    if (object.get(field) instanceof String text) {
      return text;
    }
    throw new AssertionError("no text " + field + " in " + object);
  }

  public static long number(Map<?, ?> object, String field) {
    return (long) decimal(object, field);
  }

  public static double decimal(Map<?, ?> object, String field) {
    if (object.get(field) instanceof Number number) {
      return number.doubleValue();
    }
    throw new AssertionError("no number " + field + " in " + object);
  }

  public static boolean flag(Map<?, ?> object, String field) {
    return Boolean.TRUE.equals(object.get(field));
  }
}
