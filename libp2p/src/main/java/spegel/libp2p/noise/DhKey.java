package spegel.libp2p.noise;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;
import spegel.libp2p.Libp2pException;

/** An X25519 key pair (RFC 7748). */
final class DhKey {
  static final int PUBLIC_BYTES = 32;

  /** The X.509 SubjectPublicKeyInfo of an X25519 key, up to the key itself (RFC 8410). */
  private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

  private final KeyPair pair;
  private final byte[] publicBytes;

  DhKey(KeyPair pair) {
    this.pair = pair;
    byte[] x509 = pair.getPublic().getEncoded();
    this.publicBytes = Arrays.copyOfRange(x509, x509.length - PUBLIC_BYTES, x509.length);
  }

  static DhKey generate() {
    try {
      return new DhKey(KeyPairGenerator.getInstance("X25519").generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks X25519", e);
    }
  }

  byte[] publicBytes() {
    return publicBytes.clone();
  }

  /**
   * The secret shared with the holder of the other key.
   *
   * @throws Libp2pException when the other key is of small order, so that there is no secret
   */
  byte[] agree(byte[] otherPublic) throws Libp2pException {
    try {
      byte[] x509 = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + PUBLIC_BYTES);
      System.arraycopy(otherPublic, 0, x509, X509_PREFIX.length, PUBLIC_BYTES);
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(pair.getPrivate());
      agreement.doPhase(
          KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(x509)), true);
      return agreement.generateSecret();
    } catch (InvalidKeyException e) {
      throw new Libp2pException("noise: a Diffie-Hellman key of small order", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks X25519", e);
    }
  }
}
