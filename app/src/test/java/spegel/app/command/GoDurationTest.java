package spegel.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
  private static final long SEED = 20_261_101;

  @ParameterizedTest
  @CsvSource({
    "0,PT0S",
    "+0,PT0S",
    "20ms,PT0.02S",
    "2s,PT2S",
    "1m30s,PT1M30S",
    "1.5h,PT1H30M",
    ".5s,PT0.5S",
    "1.s,PT1S",
    "-3m,PT-3M",
    "100us,PT0.0001S",
    "100\u00b5s,PT0.0001S",
    "100\u03bcs,PT0.0001S",
    "7ns,PT0.000000007S",
    "2540400h10m10s,PT2540400H10M10S",
  })
  void parse_readsGoForm(String text, Duration expected) {
    assertEquals(expected, GoDuration.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "-",
        "+",
        "s",
        ".s",
        ".",
        "1x",
        "1 s",
        "1.2.3s",
        "1s1",
        "1e3s",
        "3000000h",
        "--1s",
        "1S",
        "\u0661s"
      })
  void parse_refuses_whatGoRefuses(String text) {
    assertThrows(InvalidValueException.class, () -> GoDuration.parse(text));
  }

  @Test
  void parse_isTotal_whenInputIsRandom() {
    RandomGenerator random = RandomGeneratorFactory.getDefault().create(SEED);
    String alphabet = "0123456789.hmsnu\u00b5+- \ud800";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(random.nextInt(80), 0, alphabet.length())
          .forEach(index -> text.append(alphabet.charAt(index)));
      try {
        GoDuration.parse(text.toString());
      } catch (InvalidValueException expected) {
        // The one error there is; seed above.
        assertEquals(expected.reason(), expected.getMessage());
      }
    }
  }
}
