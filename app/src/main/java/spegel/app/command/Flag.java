package spegel.app.command;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A flag of a command: {@code --name} on the command line, and the name in upper case with
 * underscores in the environment.
 *
 * @param name without dashes
 * @param form how many values it takes
 * @param placeholder what stands for the value in the help text
 * @param defaultText the value when none is given; null when there is none
 * @param description for the help text, one or two sentences
 * @param reader makes the value from its texts, of which there are none when neither given nor
 *     defaulted; throws {@link InvalidValueException}
 */
record Flag<T extends @Nullable Object>(
    String name,
    Form form,
    String placeholder,
    @Nullable String defaultText,
    String description,
    Function<List<String>, T> reader) {

  /** How many values a flag takes. */
  enum Form {
    /** One; given twice, the last holds. */
    VALUE,
    /** Any number: {@code --flag a b}, {@code --flag=a --flag=b}, {@code FLAG=a,b}. */
    LIST,
    /** None, or {@code =true} or {@code =false}. */
    SWITCH
  }

  /** A flag with one value and a default. */
  static <T> Flag<T> of(
      String name,
      String placeholder,
      String defaultText,
      String description,
      Function<String, T> reader) {
    return new Flag<>(
        name,
        Form.VALUE,
        placeholder,
        defaultText,
        description,
        texts -> reader.apply(texts.getLast()));
  }

  /** A flag with one value that must be given. */
  static <T> Flag<T> required(
      String name, String placeholder, String description, Function<String, T> reader) {
    return new Flag<>(
        name,
        Form.VALUE,
        placeholder,
        null,
        description,
        texts -> {
          if (texts.isEmpty() || texts.getLast().isEmpty()) {
            throw new InvalidValueException("it must be given");
          }
          return reader.apply(texts.getLast());
        });
  }

  /** A flag with one value that may be left out or be empty, which means null. */
  static <T> Flag<@Nullable T> optional(
      String name, String placeholder, String description, Function<String, T> reader) {
    return new Flag<>(
        name,
        Form.VALUE,
        placeholder,
        null,
        description,
        texts ->
            texts.isEmpty() || texts.getLast().isEmpty() ? null : reader.apply(texts.getLast()));
  }

  /** A flag with any number of values; empty texts are no values. */
  static <T> Flag<List<T>> list(
      String name, String placeholder, String description, Function<String, T> reader) {
    return new Flag<>(
        name,
        Form.LIST,
        placeholder,
        null,
        description,
        texts -> texts.stream().filter(text -> !text.isEmpty()).<T>map(reader).toList());
  }

  /** A flag that is true or false. */
  static Flag<Boolean> toggle(String name, boolean defaultValue, String description) {
    return new Flag<>(
        name,
        Form.SWITCH,
        "true|false",
        Boolean.toString(defaultValue),
        description,
        texts -> readBoolean(texts.getLast()));
  }

  private static boolean readBoolean(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "t", "1" -> true;
      case "false", "f", "0" -> false;
      default -> throw new InvalidValueException("neither true nor false: \"" + text + "\"");
    };
  }

  /** The name on the command line. */
  String option() {
    return "--" + name;
  }

  /** The name of the environment variable. */
  String environmentVariable() {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
