package spegel.kad;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import spegel.libp2p.PeerId;

/**
 * A point in the key space: the SHA-256 of a peer id's or a record key's bytes. The distance of two
 * points is their XOR, taken as a number.
 */
public final class KadKey {
  public static final int BITS = 256;

  /** Only cloned: looking it up each time would take longer than what it computes. */
  private static final MessageDigest SHA_256 = sha256();

  /** The distance from it is a point's own number. */
  private static final KadKey ZERO = new KadKey(new byte[BITS / Byte.SIZE]);

  // Big-endian words, so that an unsigned comparison in order is one of the numbers. Nearly always
  // the first tells, and this is what a node does most: it stands in the object itself.
  private final long first;
  private final long second;
  private final long third;
  private final long fourth;

  private KadKey(byte[] hash) {
    ByteBuffer words = ByteBuffer.wrap(hash);
    first = words.getLong();
    second = words.getLong();
    third = words.getLong();
    fourth = words.getLong();
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

  private long word(int index) {
    return switch (index) {
      case 0 -> first;
      case 1 -> second;
      case 2 -> third;
      default -> fourth;
    };
  }

  /** The number of leading bits that both points share: 256 when they are the same. */
  public int commonPrefixBits(KadKey other) {
    for (int bit = 0; bit < BITS; bit += Long.SIZE) {
      long difference = word(bit / Long.SIZE) ^ other.word(bit / Long.SIZE);
      if (difference != 0) {
        return bit + Long.numberOfLeadingZeros(difference);
      }
    }
    return BITS;
  }

  /** Whether the two points differ in this one of their bits, counted from the first. */
  boolean differsAt(int bit, KadKey other) {
    int word = bit / Long.SIZE;
    return (word(word) ^ other.word(word)) << (bit % Long.SIZE) < 0;
  }

  /** Compares how far two points are from this one: negative when {@code a} is nearer. */
  public int compareDistance(KadKey a, KadKey b) {
    if (a.first != b.first) {
      return Long.compareUnsigned(first ^ a.first, first ^ b.first);
    }
    if (a.second != b.second) {
      return Long.compareUnsigned(second ^ a.second, second ^ b.second);
    }
    if (a.third != b.third) {
      return Long.compareUnsigned(third ^ a.third, third ^ b.third);
    }
    return Long.compareUnsigned(fourth ^ a.fourth, fourth ^ b.fourth);
  }

  /** Compares as numbers: neighbours in this order share long prefixes. */
  int compareNumber(KadKey other) {
    return ZERO.compareDistance(this, other);
  }

  /** Where the point stands in the key space, from 0 to 1. */
  double fraction() {
    return (first >>> 11) * 0x1p-53;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KadKey that
        && first == that.first
        && second == that.second
        && third == that.third
        && fourth == that.fourth;
  }

  @Override
  public int hashCode() {
    return (int) fourth;
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(first) + "…";
  }
}
