package spegel.app.demo;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Where the demo shows what it does: a terminal, on which the line of a running pull is drawn again
 * in its place, or anything else, which gets whole lines and no signs of control.
 */
final class Screen {
  private static final int DEFAULT_COLUMNS = 80;
  private static final int MIN_COLUMNS = 20;
  private static final int MAX_COLUMNS = 1000;
  private static final long STTY_MILLIS = 1_000;

  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean terminal;
  private final boolean coloured;
  private final int columns;
  private boolean lineIsOpen;

  /** What a text is about. */
  enum Style {
    PLAIN(""),
    HEADING("\u001b[1m"),
    GOOD("\u001b[32m"),
    BAD("\u001b[31m");

    private final String start;

    Style(String start) {
      this.start = start;
    }
  }

  Screen(PrintStream out, boolean terminal, boolean coloured, int columns) {
    this.out = out;
    this.terminal = terminal;
    this.coloured = coloured;
    this.columns = columns;
  }

  /**
   * The process's standard output.
   *
   * @param terminal whether it is one
   * @param environment tells with NO_COLOR that colours are not wanted (no-color.org)
   */
  static Screen of(PrintStream out, boolean terminal, Map<String, String> environment) {
    boolean coloured =
        terminal
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new Screen(out, terminal, coloured, terminal ? terminalColumns() : DEFAULT_COLUMNS);
  }

  /** The terminal's width as stty tells it; Java has no way of its own. */
  private static int terminalColumns() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size =
          new String(stty.getInputStream().readNBytes(64), StandardCharsets.US_ASCII).strip();
      if (!stty.waitFor(STTY_MILLIS, TimeUnit.MILLISECONDS)) {
        stty.destroy();
      }
      int columns = Integer.parseInt(size.substring(size.indexOf(' ') + 1));
      return columns >= MIN_COLUMNS && columns <= MAX_COLUMNS ? columns : DEFAULT_COLUMNS;
    } catch (IOException | NumberFormatException e) {
      return DEFAULT_COLUMNS; // No such program, or no terminal to ask.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return DEFAULT_COLUMNS;
    }
  }

  /** Whether a line can be drawn again in its place. */
  boolean redraws() {
    return terminal;
  }

  /** How long a line may be that is drawn again: one that fills the last column would wrap. */
  int columns() {
    return columns - 1;
  }

  /** Prints a line of its own. */
  void line(String text) {
    line(Style.PLAIN, text);
  }

  /** Prints a line of its own. */
  void line(Style style, String text) {
    erase();
    out.println(coloured && style != Style.PLAIN ? style.start + text + "\u001b[0m" : text);
    out.flush();
  }

  /** Draws a line in the place of the one that was drawn before. */
  void redraw(String text) {
    erase();
    out.print(text);
    out.flush();
    lineIsOpen = true;
  }

  /** Takes away what was drawn. */
  void erase() {
    if (lineIsOpen) {
      out.print(ERASE_LINE);
      out.flush();
      lineIsOpen = false;
    }
  }
}
