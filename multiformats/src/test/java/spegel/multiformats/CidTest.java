package spegel.multiformats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CidTest {
  /** The same hash in both versions, an example of the CID specification. */
  private static final String V0 = "QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR";

  private static final String V1 = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

  @Test
  void parse_isTheInverseOfToString() {
    assertEquals(V0, Cid.parse(V0).toString());
    assertEquals(V1, Cid.parse(V1).toString());
    assertEquals(0, Cid.parse(V0).version());
    assertEquals(Cid.DAG_PB, Cid.parse(V1).codec());
  }

  @Test
  void raw_givesTheKeyOfAName() {
    Multihash hash = Multihash.sha256("foo".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        "12202c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        HexFormat.of().formatHex(hash.bytes()));
    Cid cid = Cid.raw(hash);
    assertEquals("bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy", cid.toString());
    assertEquals(cid, Cid.decode(cid.bytes()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "b",
        "z" + V0,
        "bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhv",
        "Qm"
      })
  void parse_throws_whenNotACid(String text) {
    assertThrows(MultiformatException.class, () -> Cid.parse(text));
  }
}
