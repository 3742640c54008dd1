package spegel.libp2p.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import spegel.libp2p.Libp2pException;

/**
 * A key and the count of messages under it (Noise framework, 5.1). Used by one thread at a time.
 */
final class CipherState {
  static final int TAG_BYTES = 16;

  private final Cipher cipher;
  private final SecretKey key;
  private final byte[] iv = new byte[12];
  private long nonce;

  CipherState(byte[] key) {
    try {
      this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks ChaCha20-Poly1305", e);
    }
    this.key = new SecretKeySpec(key, "ChaCha20");
  }

  /** Encrypts {@code length} bytes and appends the tag; gives the number of bytes written. */
  int encrypt(byte[] associated, byte[] in, int from, int length, byte[] out, int to) {
    try {
      return apply(Cipher.ENCRYPT_MODE, associated, in, from, length, out, to);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 refused to encrypt", e);
    }
  }

  /**
   * Decrypts {@code length} bytes, tag included; gives the number of bytes written.
   *
   * @throws Libp2pException when they were not encrypted with this key and count
   */
  int decrypt(byte[] associated, byte[] in, int from, int length, byte[] out, int to)
      throws Libp2pException {
    if (length < TAG_BYTES) {
      throw new Libp2pException("noise: a message shorter than its tag");
    }
    try {
      return apply(Cipher.DECRYPT_MODE, associated, in, from, length, out, to);
    } catch (AEADBadTagException e) {
      throw new Libp2pException("noise: a message that was not encrypted for us");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("ChaCha20-Poly1305 refused to decrypt", e);
    }
  }

  private int apply(
      int mode, byte[] associated, byte[] in, int from, int length, byte[] out, int to)
      throws GeneralSecurityException {
    if (nonce == -1L) {
      throw new IllegalStateException("noise: the key is used up");
    }
    ByteBuffer.wrap(iv).order(ByteOrder.LITTLE_ENDIAN).putLong(4, nonce++);
    cipher.init(mode, key, new IvParameterSpec(iv));
    cipher.updateAAD(associated);
    return cipher.doFinal(in, from, length, out, to);
  }
}
