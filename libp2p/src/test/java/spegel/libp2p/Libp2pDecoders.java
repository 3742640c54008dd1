package spegel.libp2p;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import spegel.libp2p.identify.IdentifyMessage;
import spegel.libp2p.multistream.Multistream;
import spegel.multiformats.Cid;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.MultiformatException;
import spegel.multiformats.Multihash;
import spegel.multiformats.Varint;
import spegel.testing.FuzzedDecoder;
import spegel.testing.FuzzedDecoders;
import spegel.testing.Generator;

/** Decoders of ids and keys, and of the protocols that settle what a connection is used for. */
public final class Libp2pDecoders implements FuzzedDecoders {
  private static final String[] PROTOCOLS = {"/noise", "/yamux/1.0.0", "/ipfs/id/1.0.0", "na", ""};
  private static final String PROTOCOL_CHARS = "abcdefghijklmnopqrstuvwxyz/.0123456789";

  @Override
  public List<FuzzedDecoder<?>> decoders() {
    return List.of(
        FuzzedDecoder.of(
                "peer id", g -> peerId(g).bytes(), PeerId::decode, MultiformatException.class)
            .allocating(16 * 1024, 16)
            .checking((id, in) -> Arrays.equals(id.bytes(), in) && isInverse(id)),
        FuzzedDecoder.of(
                "peer id text",
                g -> text(peerIdText(g)),
                in -> PeerId.parse(new String(in, StandardCharsets.UTF_8)),
                MultiformatException.class)
            .allocating(16 * 1024, 32)
            .checking((id, _) -> isInverse(id)),
        FuzzedDecoder.of(
                "public key", g -> key(g).encode(), PublicKey::decode, Libp2pException.class)
            .allocating(16 * 1024, 32)
            .checking((key, _) -> key.equals(PublicKey.decode(key.encode()))),
        FuzzedDecoder.of(
                "multistream, listening",
                g -> messages(g, 20),
                Libp2pDecoders::accept,
                Libp2pException.class)
            .endingWith(EOFException.class)
            .allocating(32 * 1024, 64),
        FuzzedDecoder.of(
                "multistream, dialling",
                g -> messages(g, 3),
                Libp2pDecoders::select,
                Libp2pException.class)
            .endingWith(EOFException.class)
            .allocating(32 * 1024, 64),
        FuzzedDecoder.of(
                "identify",
                Libp2pDecoders::identify,
                in -> IdentifyMessage.readFrom(new ByteArrayInputStream(in)),
                Libp2pException.class)
            .allocating(32 * 1024, 256)
            .checking((message, _) -> isInverse(message)));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // Ids and keys.

  private static PublicKey key(Generator generator) {
    return PublicKey.ofRaw(Arrays.copyOf(generator.bytes(32), 32));
  }

  private static PeerId peerId(Generator generator) {
    return switch (generator.between(0, 2)) {
      case 0 -> new PeerId(Multihash.sha256(generator.bytes(4)));
      case 1 -> new PeerId(Multihash.of(Multihash.IDENTITY, generator.bytes(42)));
      default -> key(generator).peerId();
    };
  }

  private static String peerIdText(Generator generator) {
    PeerId id = peerId(generator);
    return generator.oneIn(3) ? new Cid(1, Cid.LIBP2P_KEY, id.hash()).toString() : id.toString();
  }

  private static boolean isInverse(PeerId id) {
    return id.equals(PeerId.decode(id.bytes())) && id.equals(PeerId.parse(id.toString()));
  }

  // Multistream.

  private static byte[] messages(Generator generator, int maxProposals) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    append(out, "/multistream/1.0.0");
    int proposals = generator.between(1, maxProposals);
    for (int i = 0; i < proposals; i++) {
      append(
          out,
          generator.oneIn(3)
              ? generator.text(PROTOCOL_CHARS, 0, generator.oneIn(10) ? 1100 : 40)
              : generator.oneOf(PROTOCOLS));
    }
    return out.toByteArray();
  }

  private static void append(ByteArrayOutputStream out, String message) {
    byte[] line = text(message + "\n");
    out.writeBytes(Varint.encode(line.length));
    out.writeBytes(line);
  }

  private static Object accept(byte[] in) throws IOException {
    return Multistream.accept(
        new ByteArrayInputStream(in), OutputStream.nullOutputStream(), "/yamux/1.0.0"::equals);
  }

  private static Object select(byte[] in) throws IOException {
    return Multistream.select(
        new ByteArrayInputStream(in),
        OutputStream.nullOutputStream(),
        List.of("/noise", "/yamux/1.0.0"));
  }

  // Identify.

  private static byte[] identify(Generator generator) throws IOException {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    int count = generator.oneIn(10) ? generator.between(9, 11) : generator.between(1, 3);
    for (int i = 0; i < count; i++) {
      message(generator).writeTo(parts);
    }
    return parts.toByteArray();
  }

  private static IdentifyMessage message(Generator generator) {
    List<Multiaddr> addresses = new ArrayList<>();
    for (int i = generator.between(0, generator.oneIn(10) ? 100 : 4); i > 0; i--) {
      addresses.add(
          Multiaddr.parse(
              generator.oneOf("/ip4/10.0.0.", "/dns4/node")
                  + generator.between(0, 255)
                  + "/tcp/"
                  + generator.between(0, 65_535)));
    }
    List<String> protocols = new ArrayList<>();
    for (int i = generator.between(0, generator.oneIn(10) ? 300 : 8); i > 0; i--) {
      protocols.add(generator.text(PROTOCOL_CHARS, 0, generator.oneIn(10) ? 140 : 20));
    }
    return new IdentifyMessage(
        generator.oneIn(3) ? null : key(generator),
        addresses,
        protocols,
        generator.oneIn(3) ? null : Multiaddr.parse("/ip4/10.0.0.1/tcp/5001"),
        generator.oneIn(3) ? generator.text("spegel jvm\u00e4\n\u20ac", 0, 200) : "spegel");
  }

  private static boolean isInverse(IdentifyMessage message) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out);
    // Its addresses may be too many for one part, and its protocols too long.
    if (out.size() > 4096) {
      return true;
    }
    IdentifyMessage again = IdentifyMessage.readFrom(new ByteArrayInputStream(out.toByteArray()));
    return message.protocols().equals(again.protocols())
        && message.agentVersion().equals(again.agentVersion());
  }
}
