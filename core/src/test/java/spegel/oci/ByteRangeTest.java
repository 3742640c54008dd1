package spegel.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.testing.Property;

class ByteRangeTest {
  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 10, 0, 0",
    "bytes=0-, 10, 0, 9",
    "bytes=3-5, 10, 3, 5",
    "bytes=9-, 10, 9, 9",
    "bytes=3-99, 10, 3, 9",
    "bytes=3-99999999999999999999999, 10, 3, 9",
    "bytes=-1, 10, 9, 9",
    "bytes=-10, 10, 0, 9",
    "bytes=-11, 10, 0, 9",
    "bytes=-9223372036854775808, 10, 0, 9",
    "BYTES=1-2, 10, 1, 2",
    "'bytes= 1-2 ', 10, 1, 2",
    "bytes=007-8, 10, 7, 8",
    "bytes=0-, 9223372036854775807, 0, 9223372036854775806",
  })
  void resolve_givesAPart(String header, long size, long first, long last) {
    assertEquals(new ByteRange.Part(first, last, size), ByteRange.resolve(header, size));
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=10-, 10",
    "bytes=10-20, 10",
    "bytes=-0, 10",
    "bytes=0-, 0",
    "bytes=99999999999999999999-, 10",
    "bytes=9223372036854775807-, 9223372036854775807",
  })
  void resolve_givesUnsatisfiable_beyondTheEnd(String header, long size) {
    assertEquals(new ByteRange.Unsatisfiable(size), ByteRange.resolve(header, size));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5",
        "bytes=5-3",
        "bytes=a-b",
        "bytes=1-2,4-5",
        "bytes=1-2,",
        "bytes=--1",
        "bytes=1--2",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1 - 2",
        "bytes = 1-2",
        "items=1-2",
        "bytes:1-2",
        "bytes=\u0661-\u0662",
        "bytes=-5-",
      })
  void resolve_givesTheWhole_forWhatIsNotOneRangeOfBytes(String header) {
    assertEquals(new ByteRange.Whole(10), ByteRange.resolve(header, 10));
  }

  @Test
  void resolve_givesTheWhole_withoutAHeader() {
    assertEquals(new ByteRange.Whole(10), ByteRange.resolve(null, 10));
    assertEquals(new ByteRange.Whole(0), ByteRange.resolve("bytes=-5", 0));
  }

  @Test
  void contentRange_isWhatTheHeaderSays() {
    ByteRange.Part part = new ByteRange.Part(3, 5, 10);
    assertEquals("bytes 3-5/10", part.contentRange());
    assertEquals(3, part.lengthBytes());
    assertEquals("bytes */10", new ByteRange.Unsatisfiable(10).contentRange());
  }

  @Test
  void resolve_staysWithinTheBody_whateverTheHeader() {
    Property.forAll(
        20_000,
        generator -> {
          long size = generator.anyLong() & Long.MAX_VALUE;
          String valid = "bytes=" + generator.anyLong() + "-" + generator.anyLong();
          String header =
              switch (generator.between(0, 2)) {
                case 0 -> valid;
                case 1 -> generator.mutate(valid);
                default -> generator.anyText(40);
              };
          if (ByteRange.resolve(header, size) instanceof ByteRange.Part part) {
            assertTrue(part.lengthBytes() > 0 && part.lengthBytes() <= size, header);
          }
        });
  }
}
