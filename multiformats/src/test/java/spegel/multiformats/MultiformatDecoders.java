package spegel.multiformats;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import spegel.testing.FuzzedDecoder;
import spegel.testing.FuzzedDecoders;
import spegel.testing.Generator;

/** This module's decoders; the values that they give have a text and bytes that give them again. */
public final class MultiformatDecoders implements FuzzedDecoders {
  private static final String NAME_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789-._%";

  @Override
  public List<FuzzedDecoder<?>> decoders() {
    return List.of(
        decoder("varint", MultiformatDecoders::varint, in -> Varint.read(ByteBuffer.wrap(in)), 8)
            .checking(
                (value, in) -> Arrays.equals(Varint.encode(value), start(in, Varint.size(value)))),
        decoder("multihash", g -> multihash(g).bytes(), Multihash::decode, 16)
            .checking((hash, in) -> Arrays.equals(hash.bytes(), in)),
        decoder(
            "multibase", g -> text(multibase(g)), in -> Multibase.decodeWithPrefix(text(in)), 32),
        decoder("cid", g -> cid(g).bytes(), Cid::decode, 16)
            .checking((cid, in) -> Arrays.equals(cid.bytes(), in) && isInverse(cid)),
        decoder("cid text", g -> text(cid(g).toString()), in -> Cid.parse(text(in)), 32)
            .checking((cid, _) -> isInverse(cid)),
        decoder("multiaddr", g -> Multiaddr.parse(multiaddr(g)).bytes(), Multiaddr::decode, 128)
            .checking((address, in) -> Arrays.equals(address.bytes(), in) && isInverse(address)),
        decoder("multiaddr text", g -> text(multiaddr(g)), in -> Multiaddr.parse(text(in)), 128)
            .checking((address, _) -> isInverse(address)));
  }

  private static byte[] start(byte[] input, int bytes) {
    return Arrays.copyOf(input, bytes);
  }

  private static <T> FuzzedDecoder<T> decoder(
      String name, FuzzedDecoder.Inputs valid, FuzzedDecoder.Decoder<T> decoder, long forEach) {
    return FuzzedDecoder.of(name, valid, decoder, MultiformatException.class)
        .allocating(16 * 1024, forEach);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  private static byte[] varint(Generator generator) {
    return Varint.encode(generator.anyLong() & Long.MAX_VALUE);
  }

  private static int code(Generator generator) {
    return (int) (generator.anyLong() & Integer.MAX_VALUE);
  }

  private static Multihash multihash(Generator generator) {
    return switch (generator.between(0, 2)) {
      case 0 -> Multihash.sha256(generator.bytes(4));
      case 1 -> Multihash.of(Multihash.IDENTITY, generator.bytes(Multihash.MAX_DIGEST_BYTES));
      default -> {
        int code = code(generator);
        yield code == Multihash.SHA2_256
            ? Multihash.sha256(generator.bytes(4))
            : Multihash.of(code, generator.bytes(64));
      }
    };
  }

  private static String multibase(Generator generator) {
    return generator.oneOf(Multibase.values()).encodeWithPrefix(generator.bytes(300));
  }

  private static Cid cid(Generator generator) {
    return switch (generator.between(0, 2)) {
      case 0 -> new Cid(0, Cid.DAG_PB, Multihash.sha256(generator.bytes(4)));
      case 1 -> Cid.raw(Multihash.sha256(generator.bytes(4)));
      default ->
          new Cid(
              1,
              generator.oneIn(2) ? Cid.LIBP2P_KEY : code(generator),
              generator.oneIn(2)
                  ? Multihash.of(Multihash.IDENTITY, generator.bytes(40))
                  : multihash(generator));
    };
  }

  private static String multiaddr(Generator generator) {
    StringBuilder text = new StringBuilder();
    int components = generator.between(1, 5);
    for (int i = 0; i < components; i++) {
      text.append(component(generator));
    }
    if (generator.oneIn(8)) {
      text.append("/unknown-")
          .append(777_000 + generator.between(0, 999))
          .append('/')
          .append(HexFormat.of().formatHex(generator.bytes(20)));
    }
    return text.toString();
  }

  private static String component(Generator generator) {
    return switch (generator.between(0, 7)) {
      case 0 -> "/ip4/" + AddressProtocol.IP4.format(address(generator, 4));
      case 1 -> "/ip6/" + AddressProtocol.IP6.format(address(generator, 16));
      case 2, 3 -> "/" + generator.oneOf("tcp", "udp") + "/" + generator.between(0, 65_535);
      case 4 ->
          "/"
              + generator.oneOf("dns", "dns4", "dns6", "dnsaddr", "sni", "ip6zone")
              + "/"
              + generator.text(NAME_CHARS, 1, 60);
      case 5 -> "/p2p/" + peer(generator);
      case 6 -> "/certhash/" + Multibase.BASE64URL.encodeWithPrefix(multihash(generator).bytes());
      default -> "/" + generator.oneOf("quic-v1", "ws", "tls", "p2p-circuit", "http", "noise");
    };
  }

  private static String peer(Generator generator) {
    Multihash hash =
        generator.oneIn(2)
            ? Multihash.sha256(generator.bytes(4))
            : Multihash.of(Multihash.IDENTITY, generator.bytes(40));
    return generator.oneIn(4) ? new Cid(1, Cid.LIBP2P_KEY, hash).toString() : hash.toString();
  }

  private static byte[] address(Generator generator, int bytes) {
    byte[] address = new byte[bytes];
    // Zeros are what the text of an address shortens.
    for (int i = 0; i < bytes; i++) {
      address[i] = (byte) (generator.oneIn(2) ? 0 : generator.between(0, 255));
    }
    return address;
  }

  private static boolean isInverse(Cid cid) {
    return cid.equals(Cid.decode(cid.bytes())) && cid.equals(Cid.parse(cid.toString()));
  }

  private static boolean isInverse(Multiaddr address) {
    return address.equals(Multiaddr.decode(address.bytes()))
        && address.equals(Multiaddr.parse(address.toString()))
        && address.peer().isPresent() != address.withoutPeer().equals(Optional.of(address))
        && (address.tcpSocketAddress().isEmpty()
            || address
                .tcpSocketAddress()
                .equals(address.withoutPeer().flatMap(Multiaddr::tcpSocketAddress)));
  }
}
