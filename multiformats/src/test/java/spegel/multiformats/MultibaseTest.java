package spegel.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MultibaseTest {
  /** The vectors of the multibase specification (tests/basic.csv). */
  @ParameterizedTest
  @CsvSource({
    "BASE16,f796573206d616e692021",
    "BASE32,bpfsxgidnmfxgsibb",
    "BASE58BTC,z7paNL19xttacUY",
    "BASE64URL,ueWVzIG1hbmkgIQ"
  })
  void encode_givesTheSpecificationsVector(Multibase base, String text) {
    byte[] bytes = "yes mani !".getBytes(StandardCharsets.UTF_8);
    assertEquals(text, base.encodeWithPrefix(bytes));
    assertArrayEquals(bytes, Multibase.decodeWithPrefix(text));
  }

  @Test
  void base58_keepsLeadingZeros() {
    byte[] bytes = {0, 0, 'y', 'e', 's', ' ', 'm', 'a', 'n', 'i', ' ', '!'};
    assertEquals("117paNL19xttacUY", Multibase.BASE58BTC.encode(bytes));
    assertArrayEquals(bytes, Multibase.BASE58BTC.decode("117paNL19xttacUY"));
    assertEquals("", Multibase.BASE58BTC.encode(new byte[0]));
  }

  @ParameterizedTest
  @EnumSource(Multibase.class)
  void decode_isTheInverseOfEncode_forRandomBytes(Multibase base) {
    Random random = new Random(58);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      if (bytes.length > 3 && random.nextBoolean()) {
        bytes[0] = 0;
        bytes[1] = 0;
      }
      assertArrayEquals(bytes, base.decode(base.encode(bytes)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "x00", "f0", "f0g", "b1", "bAA", "ba", "bab", "z0", "zl", "u=", "uA", "uAB", "uAA=="
      })
  void decode_throws_whenNotOfTheEncoding(String text) {
    assertThrows(MultiformatException.class, () -> Multibase.decodeWithPrefix(text));
  }

  @Test
  void base58_throws_whenLong() {
    assertThrows(MultiformatException.class, () -> Multibase.BASE58BTC.decode("2".repeat(1025)));
  }
}
