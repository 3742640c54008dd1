package spegel.app.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One line of the log under construction. All text is escaped, a value is cut at {@value
 * #MAX_VALUE_CHARS} characters (a stack trace at {@value #MAX_STACK_CHARS}), and fields that would
 * make the line longer than {@value #MAX_LINE_CHARS} are left out, which the field {@code
 * truncated} then says.
 */
final class JsonLine {
  static final int MAX_LINE_CHARS = 16_000;
  static final int MAX_VALUE_CHARS = 2_048;
  static final int MAX_STACK_CHARS = 8_000;
  private static final int MAX_CAUSES = 4;
  private static final char ELLIPSIS = '\u2026';
  private static final char REPLACEMENT = '\ufffd';
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder line = new StringBuilder(256);
  private boolean truncated;

  /** Begins the line; time is UTC with nanoseconds (RFC 3339). */
  JsonLine(Instant time, Level level) {
    line.append("{\"time\":\"");
    appendTime(time);
    line.append("\",\"level\":\"").append(level).append('"');
  }

  /** Adds where the line was logged; nothing when that is not known. */
  void source(StackWalker.@Nullable StackFrame caller) {
    if (caller == null) {
      return;
    }
    line.append(",\"source\":{\"function\":");
    appendString(caller.getClassName() + "." + caller.getMethodName(), MAX_VALUE_CHARS);
    String file = caller.getFileName();
    if (file != null) {
      line.append(",\"file\":");
      appendString(file, MAX_VALUE_CHARS);
      line.append(",\"line\":").append(caller.getLineNumber());
    }
    line.append('}');
  }

  /** Adds a field: a number or boolean as it is, anything else as its text. */
  void field(String name, @Nullable Object value) {
    int before = line.length();
    line.append(',');
    appendString(name, MAX_VALUE_CHARS);
    line.append(':');
    if (value == null || isPlain(value)) {
      line.append(value);
    } else {
      appendString(
          value instanceof Throwable thrown ? messageOf(thrown) : textOf(value), MAX_VALUE_CHARS);
    }
    cutBackIfTooLong(before);
  }

  private static boolean isPlain(Object value) {
    return value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long
        || (value instanceof Double number && Double.isFinite(number));
  }

  /** Adds the field {@code err}: the message with its causes', or the whole stack trace. */
  void error(Throwable thrown, boolean withStack) {
    int before = line.length();
    line.append(",\"err\":");
    if (withStack) {
      StringWriter stack = new StringWriter();
      thrown.printStackTrace(new PrintWriter(stack));
      appendString(stack.toString(), MAX_STACK_CHARS);
    } else {
      appendString(messageOf(thrown), MAX_VALUE_CHARS);
    }
    cutBackIfTooLong(before);
  }

  /** Ends the line: UTF-8 with its line feed. */
  byte[] toBytes() {
    if (truncated) {
      line.append(",\"truncated\":true");
    }
    return line.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private void cutBackIfTooLong(int lengthBefore) {
    if (line.length() > MAX_LINE_CHARS) {
      line.setLength(lengthBefore);
      truncated = true;
    }
  }

  /** A failure in one line: its message, or class without one, then those of its causes. */
  static String messageOf(Throwable thrown) {
    StringBuilder message = new StringBuilder();
    Throwable current = thrown;
    for (int i = 0; i < MAX_CAUSES && current != null; i++) {
      String own = current.getMessage();
      String text = own == null || own.isEmpty() ? current.getClass().getSimpleName() : own;
      // A wrapper often repeats its cause's message; once is enough.
      if (message.indexOf(text) < 0) {
        message.append(message.isEmpty() ? "" : ": ").append(text);
      }
      current = current.getCause();
    }
    return message.toString();
  }

  private static String textOf(Object value) {
    try {
      return String.valueOf(value);
    } catch (RuntimeException e) {
      // Logging must not fail its caller for a toString that throws.
      return value.getClass().getName() + ".toString: " + messageOf(e);
    }
  }

  private void appendTime(Instant time) {
    LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 0, ZoneOffset.UTC);
    appendPadded(utc.getYear(), 4);
    appendPadded(utc.getMonthValue(), 2, '-');
    appendPadded(utc.getDayOfMonth(), 2, '-');
    appendPadded(utc.getHour(), 2, 'T');
    appendPadded(utc.getMinute(), 2, ':');
    appendPadded(utc.getSecond(), 2, ':');
    appendPadded(time.getNano(), 9, '.');
    line.append('Z');
  }

  private void appendPadded(int number, int digits, char before) {
    line.append(before);
    appendPadded(number, digits);
  }

  private void appendPadded(int number, int digits) {
    String text = Integer.toString(number);
    line.repeat('0', Math.max(0, digits - text.length())).append(text);
  }

  private void appendString(String text, int maxChars) {
    line.append('"');
    int limit = line.length() + maxChars;
    for (int i = 0; i < text.length(); i++) {
      if (line.length() >= limit) {
        line.append(ELLIPSIS);
        break;
      }
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        line.append(c).append(text.charAt(++i));
      } else {
        appendEscaped(c);
      }
    }
    line.append('"');
  }

  private void appendEscaped(char c) {
    switch (c) {
      case '"', '\\' -> line.append('\\').append(c);
      case '\n' -> line.append("\\n");
      case '\r' -> line.append("\\r");
      case '\t' -> line.append("\\t");
      default -> {
        if (Character.isSurrogate(c)) {
          line.append(REPLACEMENT);
        } else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == '\u2028' || c == '\u2029') {
          line.append("\\u");
          for (int shift = 12; shift >= 0; shift -= 4) {
            line.append(HEX.charAt((c >> shift) & 0xf));
          }
        } else {
          line.append(c);
        }
      }
    }
  }
}
