package spegel.kad.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.kad.KadPeer;

final class MessageReaderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final KadMessage SHORT =
      new KadMessage(KadMessage.Type.FIND_NODE, new byte[] {1, 2, 3}, List.of(), List.of());

  private final MessageMemory memory = new MessageMemory(10, 8 * 1024 * 1024);

  private MessageReader reader(byte[] bytes, int pieceBytes) {
    return new MessageReader(new ReceivedStream(bytes, pieceBytes), memory);
  }

  private MessageReader reader(String hex) {
    return reader(HexFormat.of().parseHex(hex), Integer.MAX_VALUE);
  }

  /** So many peers, without addresses. */
  private static KadMessage naming(int peers) {
    return new KadMessage(
        KadMessage.Type.FIND_NODE,
        new byte[0],
        Collections.nCopies(peers, new KadPeer(ReceivedStream.PEER, List.of())),
        List.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 2048, Integer.MAX_VALUE})
  void next_givesEachMessage_howeverTheBytesCome(int pieceBytes) throws IOException {
    List<KadMessage> messages = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      messages.add(i % 50 == 25 ? naming(64) : i % 10 == 5 ? naming(30) : SHORT);
    }
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    messages.forEach(message -> stream.writeBytes(Wire.encode(message)));
    MessageReader reader = reader(stream.toByteArray(), pieceBytes);
    for (KadMessage message : messages) {
      assertEquals(Optional.of(message), reader.next(PATIENCE));
    }
    assertTrue(reader.isDrained());
    assertEquals(Optional.empty(), reader.next(PATIENCE));
    assertEquals(0, memory.takenBytes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8080808010", // 4 GiB,
        "ffffffffffffffff7f", // more,
        "81808002", // and one byte more than 4 MiB.
      })
  void next_throws_whenALengthIsOutOfBounds(String hex) {
    KadException e = assertThrows(KadException.class, () -> reader(hex).next(PATIENCE));
    assertTrue(String.valueOf(e.getMessage()).contains("more than 4194304 bytes"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"80", "05", "050804", "8080800208041201"})
  void next_throws_whenTheStreamEndsWithinAMessage(String hex) {
    KadException e = assertThrows(KadException.class, () -> reader(hex).next(PATIENCE));
    assertTrue(String.valueOf(e.getMessage()).contains("ended within"), e.getMessage());
  }

  @Test
  void next_takesMemoryForWhatHasArrived_notForWhatIsAnnounced() {
    // 4 MiB are announced, 5,000 bytes come.
    byte[] bytes = new byte[4 + 5000];
    bytes[0] = (byte) 0x80;
    bytes[1] = (byte) 0x80;
    bytes[2] = (byte) 0x80;
    bytes[3] = 2;
    MessageReader reader = reader(bytes, 1000);
    assertThrows(KadException.class, () -> reader.next(PATIENCE));
    long taken = memory.takenBytes();
    assertTrue(taken >= 5000 && taken <= 10_000, () -> taken + " bytes are taken");
    reader.close();
    assertEquals(0, memory.takenBytes());
  }

  @Test
  void next_throws_whenThereIsNoMemory_andShortMessagesGoOn() throws IOException {
    MessageMemory little = new MessageMemory(1, 3000);
    byte[] longOne = Wire.encode(naming(100));
    try (MessageReader reader = new MessageReader(new ReceivedStream(longOne, 1000), little)) {
      assertThrows(KadException.class, () -> reader.next(PATIENCE));
    }
    assertTrue(little.tryTake(3000));
    try (MessageReader reader =
        new MessageReader(new ReceivedStream(Wire.encode(SHORT), 1000), little)) {
      assertEquals(Optional.of(SHORT), reader.next(PATIENCE));
    }
    assertTrue(little.tryTake(MessageMemory.CHUNK_BYTES));
    assertTrue(!little.tryTake(1));
  }

  @Test
  void next_boundsTheTimeOfAMessage_lessThanTheTimeBetweenThem() throws IOException {
    ReceivedStream stream = new ReceivedStream(Wire.encode(SHORT), 1);
    MessageReader reader = new MessageReader(stream, memory);
    assertEquals(Optional.of(SHORT), reader.next(PATIENCE));
    assertEquals(PATIENCE, stream.deadlines.getFirst());
    for (Duration later : stream.deadlines.subList(1, stream.deadlines.size())) {
      assertTrue(later.compareTo(Duration.ofSeconds(10)) <= 0, later::toString);
    }
  }
}
