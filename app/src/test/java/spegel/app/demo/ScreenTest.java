package spegel.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import spegel.app.demo.Screen.Style;

class ScreenTest {
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8);

  private String shown() {
    return shown.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void line_takesTheDrawnLineAway() {
    Screen screen = new Screen(out, true, true, 80);
    screen.redraw("10%");
    screen.redraw("20%");
    screen.line(Style.GOOD, "done");
    assertEquals("10%\r\u001b[K20%\r\u001b[K\u001b[32mdone\u001b[0m\n", shown());
  }

  @Test
  void line_hasNoColour_whenNotWantedOrNotATerminal() {
    Screen.of(out, true, Map.of("NO_COLOR", "1")).line(Style.BAD, "one");
    Screen.of(out, true, Map.of("TERM", "dumb")).line(Style.BAD, "two");
    Screen.of(out, false, Map.of()).line(Style.BAD, "three");
    assertEquals("one\ntwo\nthree\n", shown());
  }
}
