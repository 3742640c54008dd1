package spegel.kad;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import spegel.libp2p.PeerId;

/**
 * A point in the key space: the SHA-256 of a peer id's or a record key's bytes. The distance of two
 * points is their XOR, taken as a number.
 */
public final class KadKey {
  public static final int BITS = 256;

  private static final int WORDS = 4;

  /** Only cloned: looking it up each time would take longer than what it computes. */
  private static final MessageDigest SHA_256 = sha256();

  /** Big-endian words, so that an unsigned comparison in order is one of the numbers. */
  private final long[] words;

  private KadKey(byte[] hash) {
    words = new long[WORDS];
    for (int i = 0; i < hash.length; i++) {
      words[i >>> 3] = (words[i >>> 3] << 8) | (hash[i] & 0xff);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks SHA-256", e);
    }
  }

  /** Where a peer stands. */
  public static KadKey of(PeerId peer) {
    return of(peer.bytes());
  }

  /** Where a record's key stands, given its bytes as they are on the wire. */
  public static KadKey of(byte[] key) {
    try {
      return new KadKey(((MessageDigest) SHA_256.clone()).digest(key));
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("this JDK's SHA-256 cannot be cloned", e);
    }
  }

  /** The number of leading bits that both points share: 256 when they are the same. */
  public int commonPrefixBits(KadKey other) {
    for (int i = 0; i < WORDS; i++) {
      long difference = words[i] ^ other.words[i];
      if (difference != 0) {
        return i * Long.SIZE + Long.numberOfLeadingZeros(difference);
      }
    }
    return BITS;
  }

  /** Compares how far two points are from this one: negative when {@code a} is nearer. */
  public int compareDistance(KadKey a, KadKey b) {
    for (int i = 0; i < WORDS; i++) {
      int order = Long.compareUnsigned(words[i] ^ a.words[i], words[i] ^ b.words[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** Compares as numbers: neighbours in this order share long prefixes. */
  int compareNumber(KadKey other) {
    for (int i = 0; i < WORDS; i++) {
      int order = Long.compareUnsigned(words[i], other.words[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** Where the point stands in the key space, from 0 to 1. */
  double fraction() {
    return (words[0] >>> 11) * 0x1p-53;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KadKey that && Arrays.equals(words, that.words);
  }

  @Override
  public int hashCode() {
    return (int) words[WORDS - 1];
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(words[0]) + "…";
  }
}
