package spegel.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.testing.Property;

class DigestTest {
  private static final byte[] ABC = "abc".getBytes(UTF_8);

  /** FIPS 180-4's example. */
  private static final String SHA256_OF_ABC =
      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private static final String SHA512_OF_ABC =
      "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

  @Test
  void of_givesTheStandardsExamples() {
    assertEquals(SHA256_OF_ABC, Digest.sha256(ABC).toString());
    assertEquals(SHA512_OF_ABC, Digest.of(Digest.Algorithm.SHA512, ABC).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        "sha256:00",
        ":00",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      })
  void parse_refuses_whatIsNoDigest(String text) {
    assertThrows(OciFormatException.class, () -> Digest.parse(text));
  }

  @Test
  void parse_readsBackAnyDigest_andRefusesTheRest() {
    Property.forAll(
        10_000,
        generator -> {
          Digest digest = OciSamples.digest(generator);
          assertEquals(digest, Digest.parse(digest.toString()));
          String mutated = generator.mutate(digest.toString());
          try {
            assertEquals(mutated, Digest.parse(mutated).toString());
          } catch (OciFormatException e) {
            assertTrue(e.getMessage().startsWith("digest: "), e.getMessage());
          }
        });
  }

  @Test
  void verifier_matches_whateverThePieces() {
    DigestVerifier verifier = new DigestVerifier(Digest.parse(SHA256_OF_ABC));
    ByteBuffer direct = ByteBuffer.allocateDirect(1).put(ABC[1]).flip();

    verifier.update(ABC, 0, 1);
    verifier.update(direct);
    verifier.update(new byte[] {ABC[2]});

    assertTrue(verifier.matches());
    assertTrue(verifier.matches());
    assertFalse(direct.hasRemaining());
    assertThrows(IllegalStateException.class, () -> verifier.update(ABC));
  }

  @Test
  void verifier_doesNotMatch_whenABitDiffers() {
    DigestVerifier verifier = new DigestVerifier(Digest.parse(SHA512_OF_ABC));
    verifier.update("abb".getBytes(UTF_8));
    assertFalse(verifier.matches());
  }

  @Test
  void verifyingStream_givesTheContent_orFailsBeforeItsEnd() {
    Property.forAll(
        2_000,
        generator -> {
          byte[] content = generator.bytes(2_000);
          byte[] sent = generator.oneIn(2) ? content : generator.mutate(content);
          Descriptor expected =
              new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, Digest.sha256(content), content.length);
          try (var stream = new VerifyingInputStream(new ByteArrayInputStream(sent), expected)) {
            byte[] received = generator.oneIn(2) ? stream.readAllBytes() : readByByte(stream);
            assertArrayEquals(content, received);
          } catch (IOException e) {
            assertFalse(Arrays.equals(content, sent), "refused good content: " + e.getMessage());
          }
        });
  }

  private static byte[] readByByte(VerifyingInputStream stream) throws IOException {
    byte[] received = new byte[0];
    for (int b = stream.read(); b >= 0; b = stream.read()) {
      received = Arrays.copyOf(received, received.length + 1);
      received[received.length - 1] = (byte) b;
    }
    return received;
  }

  @Test
  void verifyingStream_verifiesWhatIsSkipped() throws IOException {
    Descriptor expected = new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, Digest.sha256(ABC), 3);
    try (var stream = new VerifyingInputStream(new ByteArrayInputStream(ABC), expected)) {
      assertEquals(2, stream.skip(2));
      assertEquals('c', stream.read());
      assertEquals(-1, stream.read());
    }
  }
}
