package spegel.app.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommaSeparatedTest {

  @Test
  void parse_splitsAtCommas_outsideQuotes() {
    assertEquals(List.of(), CommaSeparated.parse(""));
    assertEquals(List.of("a"), CommaSeparated.parse("a"));
    assertEquals(List.of("a", "", "b", ""), CommaSeparated.parse("a,,b,"));
    assertEquals(
        List.of("a,b", "say \"x\"", "c"), CommaSeparated.parse("\"a,b\",\"say \"\"x\"\"\",c"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"", "\"a", "\"a\"b", "a,\"b"})
  void parse_refuses_whenQuotesDoNotMatch(String text) {
    assertThrows(InvalidValueException.class, () -> CommaSeparated.parse(text));
  }
}
