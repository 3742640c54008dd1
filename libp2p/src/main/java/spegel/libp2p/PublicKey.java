package spegel.libp2p;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An Ed25519 public key in libp2p's form, {@code PublicKey{ Type = 1: Ed25519, Data = 2: 32 bytes
 * }} (libp2p specification, peer-ids, "Keys"). Peers with keys of other types cannot be connected
 * to.
 */
public final class PublicKey {
  private static final int TYPE_FIELD = 1;
  private static final int DATA_FIELD = 2;
  private static final int ED25519 = 1;
  private static final int KEY_BYTES = 32;
  private static final int MAX_ENCODED_BYTES = 64;

  /** The X.509 SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410). */
  private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  private final byte[] raw;

  private PublicKey(byte[] raw) {
    this.raw = raw;
  }

  static PublicKey ofRaw(byte[] raw) {
    if (raw.length != KEY_BYTES) {
      throw new IllegalArgumentException("an Ed25519 public key of " + raw.length + " bytes");
    }
    return new PublicKey(raw.clone());
  }

  /**
   * Reads the protobuf form.
   *
   * @throws Libp2pException when it is not one, or the key is of another type
   */
  public static PublicKey decode(byte[] encoded) throws Libp2pException {
    if (encoded.length > MAX_ENCODED_BYTES) {
      throw new Libp2pException("public key: not Ed25519, " + encoded.length + " bytes");
    }
    int type = -1;
    byte[] data = {};
    try {
      CodedInputStream in = CodedInputStream.newInstance(encoded);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag >>> 3) {
          case TYPE_FIELD -> type = in.readEnum();
          case DATA_FIELD -> data = in.readByteArray();
          default -> in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new Libp2pException("public key: malformed", e);
    }
    if (type != ED25519 || data.length != KEY_BYTES) {
      throw new Libp2pException(
          "public key: not Ed25519, type " + type + ", " + data.length + " bytes");
    }
    return new PublicKey(data);
  }

  /** The protobuf form. */
  public byte[] encode() {
    byte[] encoded =
        new byte
            [CodedOutputStream.computeEnumSize(TYPE_FIELD, ED25519)
                + CodedOutputStream.computeByteArraySize(DATA_FIELD, raw)];
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(encoded);
      out.writeEnum(TYPE_FIELD, ED25519);
      out.writeByteArray(DATA_FIELD, raw);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("encoding into an array of the right size", e);
    }
    return encoded;
  }

  /** The id of the peer that holds the private key. */
  public PeerId peerId() {
    return PeerId.ofPublicKey(encode());
  }

  /** Whether the signature is of this key over the message. */
  public boolean verifies(byte[] message, byte[] signature) {
    try {
      byte[] x509 = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + KEY_BYTES);
      System.arraycopy(raw, 0, x509, X509_PREFIX.length, KEY_BYTES);
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(x509)));
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      // A point that is not on the curve, or a signature of another length: whoever sent it cannot
      // prove the key.
      return false;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey that && Arrays.equals(raw, that.raw);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(raw);
  }

  @Override
  public String toString() {
    return "Ed25519 key of " + peerId();
  }
}
