package spegel.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PropertyTest {
  @Test
  void forAll_namesASeedThatGivesTheSameCase_whenOneFails() {
    byte[][] failing = new byte[1][];
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () ->
                Property.forAll(
                    100,
                    generator -> {
                      failing[0] = generator.bytes(100);
                      assertTrue(failing[0].length < 50);
                    }));

    String message = error.getMessage();
    assertNotNull(message);
    Matcher seed = Pattern.compile("-Dspegel\\.case=(-?\\d+)").matcher(message);
    assertTrue(seed.find(), message);
    assertArrayEquals(failing[0], new Generator(Long.parseLong(seed.group(1))).bytes(100));
  }

  @Test
  void forAll_givesEachCaseValuesOfItsOwn() {
    Set<Long> values = new HashSet<>();
    Property.forAll(100, generator -> assertTrue(values.add(generator.between(0, 1 << 30) + 0L)));
    assertEquals(100, values.size());
  }
}
