package spegel.libp2p.noise;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Identity;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;

/**
 * The XX handshake:
 *
 * <pre>
 *   initiator                    responder
 *     e                    →
 *                          ←     e, ee, s, es, payload
 *     s, se, payload       →
 * </pre>
 *
 * Each message is led by its length in two bytes, big-endian. Blocks; the caller bounds the time by
 * closing the socket.
 */
public final class NoiseHandshake {
  /** The protocol's name in multistream-select. */
  public static final String PROTOCOL = "/noise";

  private static final int ENCRYPTED_KEY_BYTES = DhKey.PUBLIC_BYTES + CipherState.TAG_BYTES;

  /** The second message's, with the longest payload. */
  private static final int MAX_MESSAGE_BYTES =
      DhKey.PUBLIC_BYTES + ENCRYPTED_KEY_BYTES + HandshakePayload.MAX_BYTES + CipherState.TAG_BYTES;

  private final Identity identity;
  private final List<String> muxers;
  private final DataInputStream in;
  private final OutputStream out;
  private final SymmetricState symmetric = new SymmetricState();
  private final DhKey ephemeral;
  private final DhKey fixed;

  private NoiseHandshake(Identity identity, List<String> muxers, InputStream in, OutputStream out) {
    this(identity, muxers, DhKey.generate(), DhKey.generate(), in, out);
  }

  /** A handshake with keys that are at hand. */
  NoiseHandshake(
      Identity identity,
      List<String> muxers,
      DhKey ephemeral,
      DhKey fixed,
      InputStream in,
      OutputStream out) {
    this.identity = identity;
    this.muxers = muxers;
    this.ephemeral = ephemeral;
    this.fixed = fixed;
    this.in = new DataInputStream(in);
    this.out = out;
  }

  /**
   * Secures a connection that this host dialled.
   *
   * @param muxers the multiplexers to offer, best first
   * @param expected the id that the peer must prove, or null when any will do
   * @throws IOException when the peer breaks the protocol, is not the one expected, or the
   *     connection ends
   */
  public static NoiseChannel initiate(
      Identity identity,
      List<String> muxers,
      @Nullable PeerId expected,
      InputStream in,
      OutputStream out)
      throws IOException {
    return new NoiseHandshake(identity, muxers, in, out).initiate(expected);
  }

  /**
   * Secures a connection that another host dialled.
   *
   * @param muxers the multiplexers to offer, best first
   * @throws IOException when the peer breaks the protocol, or the connection ends
   */
  public static NoiseChannel respond(
      Identity identity, List<String> muxers, InputStream in, OutputStream out) throws IOException {
    return new NoiseHandshake(identity, muxers, in, out).respond();
  }

  NoiseChannel initiate(@Nullable PeerId expected) throws IOException {
    byte[] e = ephemeral.publicBytes();
    symmetric.mixHash(e);
    send(e, symmetric.encryptAndHash(new byte[0]));

    byte[] second = receive(DhKey.PUBLIC_BYTES + ENCRYPTED_KEY_BYTES + CipherState.TAG_BYTES);
    byte[] theirEphemeral = Arrays.copyOf(second, DhKey.PUBLIC_BYTES);
    symmetric.mixHash(theirEphemeral);
    symmetric.mixKey(ephemeral.agree(theirEphemeral));
    int payloadAt = DhKey.PUBLIC_BYTES + ENCRYPTED_KEY_BYTES;
    byte[] theirStatic =
        symmetric.decryptAndHash(Arrays.copyOfRange(second, DhKey.PUBLIC_BYTES, payloadAt));
    symmetric.mixKey(ephemeral.agree(theirStatic));
    HandshakePayload theirs =
        HandshakePayload.decode(
            symmetric.decryptAndHash(Arrays.copyOfRange(second, payloadAt, second.length)),
            theirStatic);
    if (expected != null && !expected.equals(theirs.key().peerId())) {
      throw new Libp2pException(
          "noise: dialled " + expected + " and reached " + theirs.key().peerId());
    }

    byte[] s = symmetric.encryptAndHash(fixed.publicBytes());
    symmetric.mixKey(fixed.agree(theirEphemeral));
    send(s, symmetric.encryptAndHash(ownPayload()));
    CipherState[] keys = symmetric.split();
    return new NoiseChannel(
        in, out, keys[0], keys[1], theirs, chosenMuxer(muxers, theirs.muxers()));
  }

  NoiseChannel respond() throws IOException {
    byte[] theirEphemeral = receive(DhKey.PUBLIC_BYTES);
    if (theirEphemeral.length != DhKey.PUBLIC_BYTES) {
      throw new Libp2pException("noise: a first message of " + theirEphemeral.length + " bytes");
    }
    symmetric.mixHash(theirEphemeral);
    symmetric.decryptAndHash(new byte[0]);

    byte[] e = ephemeral.publicBytes();
    symmetric.mixHash(e);
    symmetric.mixKey(ephemeral.agree(theirEphemeral));
    byte[] s = symmetric.encryptAndHash(fixed.publicBytes());
    symmetric.mixKey(fixed.agree(theirEphemeral));
    send(e, s, symmetric.encryptAndHash(ownPayload()));

    byte[] third = receive(ENCRYPTED_KEY_BYTES + CipherState.TAG_BYTES);
    byte[] theirStatic = symmetric.decryptAndHash(Arrays.copyOf(third, ENCRYPTED_KEY_BYTES));
    symmetric.mixKey(ephemeral.agree(theirStatic));
    HandshakePayload theirs =
        HandshakePayload.decode(
            symmetric.decryptAndHash(Arrays.copyOfRange(third, ENCRYPTED_KEY_BYTES, third.length)),
            theirStatic);
    CipherState[] keys = symmetric.split();
    return new NoiseChannel(
        in, out, keys[1], keys[0], theirs, chosenMuxer(theirs.muxers(), muxers));
  }

  private byte[] ownPayload() {
    return HandshakePayload.encode(identity, fixed.publicBytes(), muxers);
  }

  /** The initiator's first choice that the responder also has; null when a side did not say. */
  private static @Nullable String chosenMuxer(List<String> initiators, List<String> responders) {
    for (String muxer : initiators) {
      if (responders.contains(muxer)) {
        return muxer;
      }
    }
    return null;
  }

  private void send(byte[]... parts) throws IOException {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] message = new byte[2 + length];
    message[0] = (byte) (length >>> 8);
    message[1] = (byte) length;
    int at = 2;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, message, at, part.length);
      at += part.length;
    }
    out.write(message);
    out.flush();
  }

  private byte[] receive(int minBytes) throws IOException {
    int length = in.readUnsignedShort();
    if (length < minBytes || length > MAX_MESSAGE_BYTES) {
      throw new Libp2pException("noise: a handshake message of " + length + " bytes");
    }
    byte[] message = new byte[length];
    in.readFully(message);
    return message;
  }
}
