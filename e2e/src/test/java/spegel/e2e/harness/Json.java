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

  /** The value, which has to be an object. */
  public static Map<?, ?> object(@Nullable Object value) {
    if (value instanceof Map<?, ?> object) {
      return object;
    }
    throw new AssertionError("not an object: " + value);
  }

  /** The elements of an array of objects; none when it was left out. */
  public static List<Map<?, ?>> objects(@Nullable Object value) {
    return elements(value).stream().<Map<?, ?>>map(Json::object).toList();
  }

  /** The elements of an array as text; none when it was left out. */
  public static List<String> texts(@Nullable Object value) {
    return elements(value).stream().map(String::valueOf).toList();
  }

  /** The elements of an array of numbers; none when it was left out. */
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

  /** A text of the object. */
  public static String text(Map<?, ?> object, String field) {
    if (object.get(field) instanceof String text) {
      return text;
    }
    throw new AssertionError("no text " + field + " in " + object);
  }

  /** A number of the object, without its fraction. */
  public static long number(Map<?, ?> object, String field) {
    return (long) decimal(object, field);
  }

  /** A number of the object. */
  public static double decimal(Map<?, ?> object, String field) {
    if (object.get(field) instanceof Number number) {
      return number.doubleValue();
    }
    throw new AssertionError("no number " + field + " in " + object);
  }

  /** Whether the object says true there; not when it says nothing. */
  public static boolean flag(Map<?, ?> object, String field) {
    return Boolean.TRUE.equals(object.get(field));
  }
}
