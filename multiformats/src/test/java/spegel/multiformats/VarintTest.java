package spegel.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VarintTest {
  @ParameterizedTest
  @CsvSource({
    "0,00",
    "1,01",
    "127,7f",
    "128,8001",
    "255,ff01",
    "300,ac02",
    "16384,808001",
    "9223372036854775807,ffffffffffffffff7f"
  })
  void encode_isTheInverseOfRead(long value, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertArrayEquals(bytes, Varint.encode(value));
    assertEquals(value, Varint.read(ByteBuffer.wrap(bytes)));
    assertEquals(bytes.length, Varint.size(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "80", "8000", "ffffffffffffffffff01", "808080808080808080"})
  void read_throws_whenTruncatedOverlongOrNotMinimal(String hex) {
    ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    assertThrows(MultiformatException.class, () -> Varint.read(in));
  }

  @Test
  void readAtMost_throws_whenLarger() {
    assertEquals(300, Varint.readAtMost(ByteBuffer.wrap(Varint.encode(300)), 300));
    assertThrows(
        MultiformatException.class,
        () -> Varint.readAtMost(ByteBuffer.wrap(Varint.encode(301)), 300));
  }
}
