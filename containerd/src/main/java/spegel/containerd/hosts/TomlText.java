package spegel.containerd.hosts;

import java.util.Arrays;

/**
 * A TOML text (v1.0.0) without its comments and blank lines. The parser's time grows with the cube
 * of the number of comment lines in a row, so they are taken out before; the numbers of the lines
 * are kept for messages. Malformed text passes through: to say what is wrong is the parser's part.
 */
public final class TomlText {
  private final String source;
  private final StringBuilder text;
  private int[] lineNumbers = new int[64];
  private int lines;
  private int sourceLine = 1;
  private int lineStart;
  private int position;

  private TomlText(String source) {
    this.source = source;
    this.text = new StringBuilder(source.length());
  }

  /** Strips a source of any form; takes time in proportion to its length. */
  public static TomlText of(String source) {
    TomlText text = new TomlText(source);
    text.strip();
    return text;
  }

  /** The number of characters that are left. */
  int length() {
    return text.length();
  }

  /** The text that is left. */
  @Override
  public String toString() {
    return text.toString();
  }

  /** The number in the source of a line of the text; both count from 1. */
  int sourceLine(int line) {
    return line >= 1 && line <= lines ? lineNumbers[line - 1] : sourceLine;
  }

  private void strip() {
    while (position < source.length()) {
      char c = source.charAt(position);
      switch (c) {
        case '#' -> skipComment();
        case '\n' -> {
          position++;
          endLine();
        }
        case '"', '\'' -> string(c);
        default -> take(1);
      }
    }
    endLine();
  }

  private void skipComment() {
    int end = source.indexOf('\n', position);
    position = end < 0 ? source.length() : end;
  }

  /** Ends the line of the text, or drops it when nothing is on it. */
  private void endLine() {
    if (isBlank(lineStart)) {
      text.setLength(lineStart);
    } else {
      newLine();
    }
    sourceLine++;
  }

  private void newLine() {
    if (lines == lineNumbers.length) {
      lineNumbers = Arrays.copyOf(lineNumbers, lines * 2);
    }
    lineNumbers[lines++] = sourceLine;
    text.append('\n');
    lineStart = text.length();
  }

  private boolean isBlank(int from) {
    for (int i = from; i < text.length(); i++) {
      if (" \t\r".indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  private void string(char quote) {
    boolean basic = quote == '"';
    String triple = String.valueOf(quote).repeat(3);
    boolean multiline = source.startsWith(triple, position);
    take(multiline ? 3 : 1);
    while (position < source.length()) {
      char c = source.charAt(position);
      if (c == '\n') {
        if (!multiline) {
          return;
        }
        position++;
        newLine();
        sourceLine++;
      } else if (basic && c == '\\' && position + 1 < source.length() && next() != '\n') {
        take(2);
      } else if (multiline && source.startsWith(triple, position)) {
        take(3);
        // Up to two quotes may stand before the closing three ("Multi-line strings").
        for (int i = 0; i < 2 && source.startsWith(triple.substring(2), position); i++) {
          take(1);
        }
        return;
      } else {
        take(1);
        if (!multiline && c == quote) {
          return;
        }
      }
    }
  }

  private char next() {
    return source.charAt(position + 1);
  }

  private void take(int chars) {
    int end = Math.min(position + chars, source.length());
    text.append(source, position, end);
    position = end;
  }
}
