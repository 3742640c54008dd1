package spegel.libp2p.noise;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import spegel.libp2p.Identity;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PublicKey;

/**
 * What each side says of itself inside the handshake: {@code NoiseHandshakePayload{ identity_key =
 * 1, identity_sig = 2, extensions = 4 { stream_muxers = 2 } }} (libp2p specification, noise, "The
 * libp2p Handshake Payload").
 *
 * @param key the sender's identity key
 * @param muxers the multiplexers it would speak, best first; empty when it did not say
 */
record HandshakePayload(PublicKey key, List<String> muxers) {
  private static final int IDENTITY_KEY = 1;
  private static final int IDENTITY_SIGNATURE = 2;
  private static final int EXTENSIONS = 4;
  private static final int STREAM_MUXERS = 2;
  static final int MAX_BYTES = 4096;
  private static final int MAX_MUXERS = 100;

  private static final byte[] SIGNED_PREFIX =
      "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);

  HandshakePayload {
    muxers = List.copyOf(muxers);
  }

  /** The payload of a host whose static Diffie-Hellman key is given. */
  static byte[] encode(Identity identity, byte[] staticKey, List<String> muxers) {
    try {
      ByteArrayOutputStream extensions = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(extensions);
      for (String muxer : muxers) {
        out.writeString(STREAM_MUXERS, muxer);
      }
      out.flush();
      ByteArrayOutputStream payload = new ByteArrayOutputStream();
      out = CodedOutputStream.newInstance(payload);
      out.writeByteArray(IDENTITY_KEY, identity.publicKey().encode());
      out.writeByteArray(IDENTITY_SIGNATURE, identity.sign(signed(staticKey)));
      out.writeByteArray(EXTENSIONS, extensions.toByteArray());
      out.flush();
      return payload.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
  }

  /**
   * Reads a payload and checks its signature.
   *
   * @throws Libp2pException when it is malformed, or its identity did not sign the static key
   */
  static HandshakePayload decode(byte[] payload, byte[] staticKey) throws Libp2pException {
    if (payload.length > MAX_BYTES) {
      throw new Libp2pException("noise: a handshake payload of " + payload.length + " bytes");
    }
    byte[] key = {};
    byte[] signature = {};
    List<String> muxers = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(payload);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag >>> 3) {
          case IDENTITY_KEY -> key = in.readByteArray();
          case IDENTITY_SIGNATURE -> signature = in.readByteArray();
          case EXTENSIONS -> readMuxers(in.readByteArray(), muxers);
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new Libp2pException("noise: a malformed handshake payload", e);
    }
    PublicKey identityKey = PublicKey.decode(key);
    if (!identityKey.verifies(signed(staticKey), signature)) {
      throw new Libp2pException("noise: the peer's identity did not sign its static key");
    }
    return new HandshakePayload(identityKey, muxers);
  }

  private static void readMuxers(byte[] extensions, List<String> muxers) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(extensions);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag >>> 3 == STREAM_MUXERS && muxers.size() < MAX_MUXERS) {
        muxers.add(in.readString());
      } else {
        in.skipField(tag);
      }
    }
  }

  private static byte[] signed(byte[] staticKey) {
    byte[] message = new byte[SIGNED_PREFIX.length + staticKey.length];
    System.arraycopy(SIGNED_PREFIX, 0, message, 0, SIGNED_PREFIX.length);
    System.arraycopy(staticKey, 0, message, SIGNED_PREFIX.length, staticKey.length);
    return message;
  }
}
