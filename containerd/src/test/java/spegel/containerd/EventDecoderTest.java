package spegel.containerd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.containerd.proto.EventEnvelope;
import spegel.containerd.proto.EventPayload;
import spegel.containerd.proto.ImageEventPayload;
import spegel.oci.Digest;
import spegel.oci.Reference;

class EventDecoderTest {
  /**
   * An envelope as the wire has it: timestamp, namespace "k8s.io", topic "/images/create", and an
   * ImageCreate with the name "r.io/a:1" and a label.
   */
  private static final String WIRE =
      "0a0608b0e5a6ca06"
          + "12066b38732e696f"
          + "1a0e2f696d616765732f637265617465"
          + "2244"
          + "0a29636f6e7461696e6572642e73657276696365732e696d616765732e76312e496d616765437265617465"
          + "1217"
          + "0a08722e696f2f613a31"
          + "120b0a0461626364120365666"
          + "7";

  @Test
  void decode_readsTheWire() throws InvalidProtocolBufferException {
    EventEnvelope envelope = EventEnvelope.parseFrom(HexFormat.of().parseHex(WIRE));

    assertEquals(
        Optional.of(new Change.OfImage(Reference.parse("r.io/a:1"), "r.io/a:1")),
        EventDecoder.decode(envelope, "k8s.io"));
    assertEquals(Optional.empty(), EventDecoder.decode(envelope, "default"));
  }

  @Test
  void decode_readsContent() {
    Digest digest = Digest.sha256(new byte[0]);
    ByteString payload =
        ImageEventPayload.newBuilder().setName(digest.toString()).build().toByteString();

    assertEquals(
        Optional.of(new Change.OfContent(digest)),
        decode("/content/delete", "types.containerd.io/containerd.events.ContentDelete", payload));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "sha256:abc", "nginx", "/", "a/", "a/b", "a/b:", "r.io/a:1\n", "r.io/../a:1"})
  void decode_isEmpty_whenTheNameIsNoReference(String name) {
    ByteString payload = ImageEventPayload.newBuilder().setName(name).build().toByteString();

    assertEquals(Optional.empty(), decode("/images/create", "x.ImageCreate", payload));
    assertEquals(Optional.empty(), decode("/content/create", "x.ContentCreate", payload));
  }

  @Test
  void decode_isEmpty_whenTheNameIsHuge() {
    String name = "r.io/" + "a".repeat(1_000_000) + ":1";
    ByteString payload = ImageEventPayload.newBuilder().setName(name).build().toByteString();

    assertEquals(Optional.empty(), decode("/images/create", "x.ImageCreate", payload));
  }

  @Test
  void decode_neverFails_whateverTheBytes() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String[] topics = {
      "/images/create", "/images/update", "/images/delete", "/content/create", "/content/delete"
    };
    String[] types = {
      "ImageCreate", "ImageUpdate", "ImageDelete", "ContentCreate", "ContentDelete"
    };
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      int topic = random.nextInt(topics.length);
      Optional<Change> change =
          decode(topics[topic], "x." + types[topic], ByteString.copyFrom(bytes));
      assertEquals(Optional.empty(), change, () -> "seed " + seed);
    }
  }

  @Test
  void envelope_isRefused_whenItIsNoMessage() {
    assertThrows(
        InvalidProtocolBufferException.class,
        () -> EventEnvelope.parseFrom(new byte[] {(byte) 0xff, (byte) 0xff, 1}));
  }

  private static Optional<Change> decode(String topic, String typeUrl, ByteString payload) {
    return EventDecoder.decode(
        EventEnvelope.newBuilder()
            .setNamespace("k8s.io")
            .setTopic(topic)
            .setEvent(EventPayload.newBuilder().setTypeUrl(typeUrl).setValue(payload))
            .build(),
        "k8s.io");
  }
}
