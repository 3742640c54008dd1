package spegel.libp2p.noise;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.List;
import spegel.libp2p.Identity;
import spegel.libp2p.Libp2pException;
import spegel.testing.FuzzedDecoder;
import spegel.testing.FuzzedDecoders;
import spegel.testing.Generator;

/**
 * Decoders of the handshake and of what follows it. Faults are made on the wire, and, by a peer
 * that knows the keys, within what it encrypts.
 */
public final class NoiseDecoders implements FuzzedDecoders {
  private static final List<String> MUXERS = List.of("/yamux/1.0.0", "/other");
  private static final byte[] TRANSPORT_KEY = new byte[32];
  private static final byte[] EMPTY = {};

  private final Identity us = Identity.ofSeed(seed(1));
  private final Identity them = Identity.ofSeed(seed(2));
  private final DhKey ourEphemeral = key(1);
  private final DhKey ourStatic = key(2);
  private final DhKey theirEphemeral = key(3);
  private final DhKey theirStatic = key(4);
  private final byte[] ourPayload = HandshakePayload.encode(us, ourStatic.publicBytes(), MUXERS);
  private final byte[] theirPayload =
      HandshakePayload.encode(them, theirStatic.publicBytes(), MUXERS);

  // Agreed on once: it is most of what a handshake costs.
  private final byte[] ee = secret(theirEphemeral, ourEphemeral);
  private final byte[] theirEphemeralOurStatic = secret(theirEphemeral, ourStatic);
  private final byte[] theirStaticOurEphemeral = secret(theirStatic, ourEphemeral);

  /** The same key in each run, as the inputs are. */
  private static DhKey key(int number) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
      generator.initialize(NamedParameterSpec.X25519, new ConstantRandomness((byte) number));
      return new DhKey(generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks X25519", e);
    }
  }

  private static final class ConstantRandomness extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final byte constant;

    ConstantRandomness(byte constant) {
      this.constant = constant;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      Arrays.fill(bytes, constant);
    }
  }

  private static byte[] secret(DhKey ours, DhKey theirs) {
    try {
      return ours.agree(theirs.publicBytes());
    } catch (Libp2pException e) {
      throw new IllegalStateException("a fresh key of small order", e);
    }
  }

  private static byte[] seed(int first) {
    byte[] seed = new byte[32];
    seed[0] = (byte) first;
    return seed;
  }

  @Override
  public List<FuzzedDecoder<?>> decoders() {
    return List.of(
        FuzzedDecoder.of(
                "noise handshake, responding",
                this::initiatorsMessages,
                in -> handshake(in).respond(),
                Libp2pException.class)
            .endingWith(EOFException.class)
            .allocating(512 * 1024, 32)
            .checking((channel, _) -> channel.peer().equals(them.peerId())),
        FuzzedDecoder.of(
                "noise handshake, initiating",
                this::respondersMessage,
                in -> handshake(in).initiate(null),
                Libp2pException.class)
            .endingWith(EOFException.class)
            .allocating(512 * 1024, 32)
            .checking((channel, _) -> channel.peer().equals(them.peerId())),
        FuzzedDecoder.of(
                "noise payload",
                this::payload,
                in -> HandshakePayload.decode(in, theirStatic.publicBytes()),
                Libp2pException.class)
            .allocating(256 * 1024, 64)
            .checking((payload, _) -> payload.key().equals(them.publicKey())),
        FuzzedDecoder.of("noise frames", NoiseDecoders::frames, this::plain, Libp2pException.class)
            .endingWith(EOFException.class)
            .allocating(96 * 1024, 64));
  }

  private NoiseHandshake handshake(byte[] received) {
    return new NoiseHandshake(
        us,
        MUXERS,
        ourEphemeral,
        ourStatic,
        new ByteArrayInputStream(received),
        OutputStream.nullOutputStream());
  }

  /** What of a message is broken before it is encrypted: nothing, half of the time. */
  private static byte[] perhapsBroken(byte[] plain, Generator generator) {
    return generator.oneIn(4) ? generator.mutate(plain) : plain;
  }

  private byte[] payload(Generator generator) {
    return switch (generator.between(0, 5)) {
      // Another peer's, who signed another key.
      case 0 -> ourPayload;
      case 1 -> {
        byte[] unknown = {(byte) 0xfa, 1, (byte) 200, 1};
        byte[] longer = Arrays.copyOf(theirPayload, theirPayload.length + 204);
        System.arraycopy(unknown, 0, longer, theirPayload.length, unknown.length);
        yield longer;
      }
      default -> theirPayload;
    };
  }

  private byte[] initiatorsMessages(Generator generator) {
    SymmetricState symmetric = new SymmetricState();
    byte[] e = ephemeral(generator);
    symmetric.mixHash(e);
    symmetric.encryptAndHash(EMPTY);
    symmetric.mixHash(ourEphemeral.publicBytes());
    symmetric.mixKey(ee);
    symmetric.encryptAndHash(ourStatic.publicBytes());
    symmetric.mixKey(theirEphemeralOurStatic);
    symmetric.encryptAndHash(ourPayload);
    byte[] s = symmetric.encryptAndHash(statik(generator));
    symmetric.mixKey(theirStaticOurEphemeral);
    byte[] payload = symmetric.encryptAndHash(perhapsBroken(payload(generator), generator));
    // The first message is all that a stranger needs for the responder's work, so it is broken
    // often.
    byte[] first = generator.oneIn(4) ? e : generator.bytes(100);
    return joined(message(first), message(s, payload));
  }

  private byte[] respondersMessage(Generator generator) {
    SymmetricState symmetric = new SymmetricState();
    symmetric.mixHash(ourEphemeral.publicBytes());
    symmetric.encryptAndHash(EMPTY);
    byte[] e = ephemeral(generator);
    symmetric.mixHash(e);
    symmetric.mixKey(ee);
    byte[] s = symmetric.encryptAndHash(statik(generator));
    symmetric.mixKey(theirStaticOurEphemeral);
    byte[] payload = symmetric.encryptAndHash(perhapsBroken(payload(generator), generator));
    return message(e, s, payload);
  }

  private byte[] ephemeral(Generator generator) {
    return key(theirEphemeral, generator);
  }

  private byte[] statik(Generator generator) {
    return key(theirStatic, generator);
  }

  /** The key, or one that is of small order, or not in the field. */
  private static byte[] key(DhKey key, Generator generator) {
    byte[] odd = new byte[DhKey.PUBLIC_BYTES];
    return switch (generator.between(0, 30)) {
      case 0 -> odd;
      case 1 -> {
        odd[0] = 1;
        yield odd;
      }
      case 2 -> {
        Arrays.fill(odd, (byte) 0xff);
        yield odd;
      }
      default -> key.publicBytes();
    };
  }

  private static byte[] message(byte[]... parts) {
    byte[] content = joined(parts);
    return joined(new byte[] {(byte) (content.length >>> 8), (byte) content.length}, content);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] frames(Generator generator) {
    CipherState sending = new CipherState(TRANSPORT_KEY);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int count = generator.between(1, 4);
    for (int i = 0; i < count; i++) {
      byte[] plain = new byte[generator.between(0, generator.oneIn(200) ? 65_519 : 300)];
      byte[] encrypted = new byte[plain.length + CipherState.TAG_BYTES];
      sending.encrypt(EMPTY, plain, 0, plain.length, encrypted, 0);
      out.writeBytes(message(encrypted));
    }
    return out.toByteArray();
  }

  private Integer plain(byte[] in) throws IOException {
    NoiseChannel channel =
        new NoiseChannel(
            new DataInputStream(new ByteArrayInputStream(in)),
            OutputStream.nullOutputStream(),
            new CipherState(TRANSPORT_KEY),
            new CipherState(TRANSPORT_KEY),
            new HandshakePayload(them.publicKey(), MUXERS),
            null);
    int bytes = 0;
    byte[] some = new byte[100];
    while (channel.fill()) {
      int count = Math.min(some.length, channel.available());
      channel.read(some, 0, count);
      bytes += count;
    }
    return bytes;
  }
}
