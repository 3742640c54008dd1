package spegel.kad.libp2p;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.kad.KadPeer;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;
import spegel.testing.FuzzedDecoder;
import spegel.testing.FuzzedDecoders;
import spegel.testing.Generator;

/** Decoders of messages, and of the streams that they come in. */
public final class KadDecoders implements FuzzedDecoders {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int MAX_MESSAGE_PEERS = 64;

  @Override
  public List<FuzzedDecoder<?>> decoders() {
    return List.of(
        FuzzedDecoder.of(
                "kad message", g -> message(g).encode(), KadMessage::decode, KadException.class)
            .allocating(32 * 1024, 128)
            .checking((message, _) -> isInverse(message)),
        FuzzedDecoder.of("kad stream", KadDecoders::stream, KadDecoders::read, KadException.class)
            .allocating(48 * 1024, 128)
            .checking((taken, _) -> taken == 0));
  }

  private static KadMessage message(Generator generator) {
    return new KadMessage(
        generator.oneOf(KadMessage.Type.values()),
        generator.oneIn(2) ? Multihash.sha256(generator.bytes(4)).bytes() : generator.bytes(80),
        peers(generator),
        peers(generator));
  }

  private static List<KadPeer> peers(Generator generator) {
    List<KadPeer> peers = new ArrayList<>();
    int count = generator.oneIn(200) ? generator.between(0, 100) : generator.between(0, 3);
    for (int i = 0; i < count; i++) {
      List<Multiaddr> addresses = new ArrayList<>();
      for (int j = generator.between(0, generator.oneIn(20) ? 50 : 3); j > 0; j--) {
        addresses.add(
            Multiaddr.parse(
                generator.oneOf("/ip4/10.0.0.", "/dns4/node")
                    + generator.between(0, 255)
                    + "/tcp/"
                    + generator.between(0, 65_535)));
      }
      peers.add(new KadPeer(new PeerId(Multihash.sha256(generator.bytes(4))), addresses));
    }
    return peers;
  }

  private static boolean isInverse(KadMessage message) throws KadException {
    return message.closerPeers().size() <= MAX_MESSAGE_PEERS
        && message.providers().size() <= MAX_MESSAGE_PEERS
        && message.equals(KadMessage.decode(message.encode()));
  }

  private static byte[] stream(Generator generator) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    int count = generator.between(1, 4);
    for (int i = 0; i < count; i++) {
      stream.writeBytes(Wire.encode(message(generator)));
    }
    return stream.toByteArray();
  }

  /** Reads to the end, in pieces that depend on the input; gives what memory is still taken. */
  private static Long read(byte[] in) throws IOException {
    MessageMemory memory = new MessageMemory(1, 256 * 1024);
    int pieceBytes = in.length % 3 == 0 ? 1 : in.length;
    try (MessageReader reader = new MessageReader(new ReceivedStream(in, pieceBytes), memory)) {
      Optional<KadMessage> next;
      do {
        next = reader.next(PATIENCE);
      } while (next.isPresent());
    }
    return memory.takenBytes();
  }
}
