package spegel.app.command;

import java.util.ArrayList;
import java.util.List;

/**
 * A list in an environment variable: elements separated by commas; an element within double quotes
 * may contain commas, and a doubled quote stands for one (RFC 4180, one record).
 */
final class CommaSeparated {
  private CommaSeparated() {}

  /**
   * Reads the elements; the empty text has none.
   *
   * @throws InvalidValueException when a quote is not closed, or stands where none may
   */
  static List<String> parse(String text) {
    List<String> elements = new ArrayList<>();
    int at = 0;
    while (at <= text.length() && !text.isEmpty()) {
      StringBuilder element = new StringBuilder();
      at =
          at < text.length() && text.charAt(at) == '"'
              ? quoted(text, at + 1, element)
              : plain(text, at, element);
      elements.add(element.toString());
      if (at < text.length() && text.charAt(at) != ',') {
        throw new InvalidValueException("a comma is missing after a closing quote: " + text);
      }
      at++;
    }
    return elements;
  }

  private static int plain(String text, int from, StringBuilder element) {
    int comma = text.indexOf(',', from);
    int end = comma < 0 ? text.length() : comma;
    element.append(text, from, end);
    return end;
  }

  private static int quoted(String text, int from, StringBuilder element) {
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '"') {
        element.append(c);
      } else if (at < text.length() && text.charAt(at) == '"') {
        element.append('"');
        at++;
      } else {
        return at;
      }
    }
    throw new InvalidValueException("a quote is not closed: " + text);
  }
}
