package spegel.libp2p.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Libp2pException;

/** The chaining key and the hash of all that was said so far (Noise framework, 5.2). */
final class SymmetricState {
  /**
   * Its name is just as long as the hash, so it is the first hash (Noise framework, 5.2,
   * InitializeSymmetric).
   */
  private static final byte[] PROTOCOL =
      "Noise_XX_25519_ChaChaPoly_SHA256".getBytes(StandardCharsets.US_ASCII);

  private static final int KEY_BYTES = 32;

  private byte[] chainingKey = PROTOCOL.clone();
  private byte[] hash = PROTOCOL.clone();
  private @Nullable CipherState cipher;

  SymmetricState() {
    mixHash(new byte[0]); // The prologue is empty.
  }

  void mixHash(byte[] data) {
    MessageDigest sha256 = sha256();
    sha256.update(hash);
    hash = sha256.digest(data);
  }

  void mixKey(byte[] input) {
    byte[] keys = hkdf(input);
    chainingKey = Arrays.copyOf(keys, KEY_BYTES);
    cipher = new CipherState(Arrays.copyOfRange(keys, KEY_BYTES, 2 * KEY_BYTES));
  }

  byte[] encryptAndHash(byte[] plain) {
    byte[] message = plain;
    if (cipher != null) {
      message = new byte[plain.length + CipherState.TAG_BYTES];
      cipher.encrypt(hash, plain, 0, plain.length, message, 0);
    }
    mixHash(message);
    return message;
  }

  byte[] decryptAndHash(byte[] message) throws Libp2pException {
    byte[] plain = message;
    if (cipher != null) {
      plain = new byte[Math.max(0, message.length - CipherState.TAG_BYTES)];
      cipher.decrypt(hash, message, 0, message.length, plain, 0);
    }
    mixHash(message);
    return plain;
  }

  /** The two transport keys, the initiator's sending key first. */
  CipherState[] split() {
    byte[] keys = hkdf(new byte[0]);
    return new CipherState[] {
      new CipherState(Arrays.copyOf(keys, KEY_BYTES)),
      new CipherState(Arrays.copyOfRange(keys, KEY_BYTES, 2 * KEY_BYTES))
    };
  }

  /** Noise's HKDF with two outputs is RFC 5869's with the chaining key as salt and no info. */
  private byte[] hkdf(byte[] input) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addSalt(chainingKey)
                  .addIKM(input)
                  .thenExpand(new byte[0], 2 * KEY_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks HKDF-SHA256", e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks SHA-256", e);
    }
  }
}
