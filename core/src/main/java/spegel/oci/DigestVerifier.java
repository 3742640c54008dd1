package spegel.oci;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Hashes content piece by piece, and says in the end whether it is what its digest promises. */
public final class DigestVerifier {
  private final Digest expected;
  private final MessageDigest hash;
  private @Nullable Boolean matches;

  public DigestVerifier(Digest expected) {
    this.expected = expected;
    this.hash = expected.algorithm().newMessageDigest();
  }

  /** Adds bytes of an array. */
  public void update(byte[] bytes, int offset, int length) {
    checkOpen();
    hash.update(bytes, offset, length);
  }

  /** Adds a whole array. */
  public void update(byte[] bytes) {
    update(bytes, 0, bytes.length);
  }

  /** Adds what is between the buffer's position and limit, and moves the position there. */
  public void update(ByteBuffer bytes) {
    checkOpen();
    hash.update(bytes);
  }

  /** Whether all that was added is the content; nothing can be added afterwards. */
  public boolean matches() {
    if (matches == null) {
      matches = MessageDigest.isEqual(hash.digest(), HexFormat.of().parseHex(expected.hex()));
    }
    return matches;
  }

  private void checkOpen() {
    if (matches != null) {
      throw new IllegalStateException("already compared with " + expected);
    }
  }
}
