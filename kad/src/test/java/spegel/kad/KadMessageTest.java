package spegel.kad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;

/** The encoding, against bytes written by hand after the specification. */
final class KadMessageTest {
  /** The multihash of an image's name or digest: SHA2-256, 32 bytes. */
  private static final String KEY = "1220" + "ab".repeat(32);

  /** The id of an Ed25519 key: identity, 36 bytes of {@code PublicKey{ Type = 1, Data }}. */
  private static final String PEER = "0024" + "08011220" + "cd".repeat(32);

  private static final String ADDRESS = "04" + "0a000001" + "06" + "1389";
  private static final KadPeer KAD_PEER =
      new KadPeer(PeerId.decode(bytes(PEER)), List.of(Multiaddr.parse("/ip4/10.0.0.1/tcp/5001")));

  /** {@code Peer{ id, addrs, connection = CAN_CONNECT }}, 52 bytes. */
  private static final String ENCODED_PEER = "0a26" + PEER + "1208" + ADDRESS + "1802";

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static KadMessage decoded(String hex) throws KadException {
    return KadMessage.decode(bytes(hex));
  }

  @ParameterizedTest
  @CsvSource({"ADD_PROVIDER,02", "GET_PROVIDERS,03", "FIND_NODE,04", "PING,05"})
  void request_isTypeAndKey(KadMessage.Type type, String number) throws KadException {
    String encoded = "08" + number + "1222" + KEY;
    KadMessage message = KadMessage.of(type, bytes(KEY));
    assertEquals(encoded, HexFormat.of().formatHex(message.encode()));
    assertEquals(message, decoded(encoded));
  }

  @Test
  void answer_namesPeersWithAddresses() throws KadException {
    String encoded = "0803" + "1222" + KEY + "4234" + ENCODED_PEER + "4a34" + ENCODED_PEER;
    KadMessage message =
        new KadMessage(
            KadMessage.Type.GET_PROVIDERS, bytes(KEY), List.of(KAD_PEER), List.of(KAD_PEER));
    assertEquals(encoded, HexFormat.of().formatHex(message.encode()));
    assertEquals(message, decoded(encoded));
  }

  @Test
  void decode_takesTypeZero_whenThereIsNone() throws KadException {
    assertEquals(KadMessage.Type.PUT_VALUE, decoded("").type());
    assertArrayEquals(new byte[0], decoded("").key());
  }

  @Test
  void decode_skipsFieldsThatItDoesNotKnow() throws KadException {
    // A record, the cluster level, and one that nobody has: in any order, of any wire type.
    String unknown = "1a0401020304" + "5001" + "7d01020304" + "790102030405060708";
    assertEquals(
        KadMessage.of(KadMessage.Type.FIND_NODE, bytes("aa")),
        decoded(unknown + "1201aa" + "0804"));
  }

  @Test
  void decode_skipsAKnownNumber_ofAnotherWireType() throws KadException {
    assertEquals(
        KadMessage.of(KadMessage.Type.FIND_NODE, new byte[0]), decoded("0804" + "1005" + "4007"));
  }

  @Test
  void decode_leavesOut_peersAndAddressesThatItCannotRead() throws KadException {
    String noId = "1208" + ADDRESS;
    String badId = "0a02" + "0102";
    String badAddress = "0a26" + PEER + "1203" + "ffffff" + "1208" + ADDRESS;
    KadMessage message = decoded("0804" + field(8, noId) + field(8, badId) + field(8, badAddress));
    assertEquals(List.of(KAD_PEER), message.closerPeers());
  }

  private static String field(int number, String hex) {
    return HexFormat.of().toHexDigits((byte) (number << 3 | 2))
        + HexFormat.of().toHexDigits((byte) (hex.length() / 2))
        + hex;
  }

  @Test
  void decode_keepsSoManyPeersAndAddresses_andLooksAtNoMore() throws KadException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    encoded.writeBytes(bytes("0804"));
    for (int i = 0; i < 10_000; i++) {
      encoded.writeBytes(bytes("4234" + ENCODED_PEER));
    }
    assertEquals(
        KadMessage.MAX_PEERS, KadMessage.decode(encoded.toByteArray()).closerPeers().size());

    String addresses = ("1208" + ADDRESS).repeat(1000);
    int length = 40 + 1000 * 10;
    String peer = "0a26" + PEER + addresses;
    String prefix = "4a" + String.format("%02x%02x", (length & 0x7f) | 0x80, length >> 7);
    KadPeer read = decoded("0803" + prefix + peer).providers().getFirst();
    assertEquals(KadMessage.MAX_ADDRESSES, read.addresses().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0806", // A type that there is not,
        "08ffffffffffffffffff01", // and a negative one.
        "08", // Ends within a number,
        "1222ab", // within a key,
        "4234" + "0a26", // within a peer.
        "42020a26", // A field longer than the peer around it.
        "12ffffffff0f", // Lengths of 4 GiB
        "42ffffffff07", // and 2 GiB.
        "00", // Field 0.
        "07", // A wire type that there is not.
        "0c", // The end of a group that has not begun.
      })
  void decode_throws_whenTheBytesAreNoMessage(String hex) {
    assertThrows(KadException.class, () -> decoded(hex));
  }

  @Test
  void decode_throws_whenGroupsAreNestedDeeply() {
    byte[] nested = new byte[100_000];
    Arrays.fill(nested, (byte) 0x0b);
    assertThrows(KadException.class, () -> KadMessage.decode(nested));
  }

  @Test
  void decode_throws_whenTheKeyIsTooLong() throws KadException {
    assertEquals(80, decoded("0804" + "1250" + "ee".repeat(80)).key().length);
    KadException e =
        assertThrows(KadException.class, () -> decoded("0804" + "1251" + "ee".repeat(81)));
    assertTrue(String.valueOf(e.getMessage()).contains("81 bytes"), e.getMessage());
  }

  @Test
  void decode_readsAPartOfAnArray_andNoMore() throws KadException {
    byte[] array = bytes("ffff" + "0804" + "12" + "01aa" + "ffff");
    assertEquals(
        KadMessage.of(KadMessage.Type.FIND_NODE, bytes("aa")), KadMessage.decode(array, 2, 5));
    assertThrows(KadException.class, () -> KadMessage.decode(array, 2, 4));
  }
}
