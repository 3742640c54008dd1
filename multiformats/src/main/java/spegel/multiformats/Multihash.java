package spegel.multiformats;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A hash that says which function made it: {@code varint code, varint length, digest} (multiformats
 * "multihash"). Compared by its bytes.
 */
public final class Multihash {
  public static final int IDENTITY = 0x00;
  public static final int SHA2_256 = 0x12;

  /**
   * Longest digest; more than any registered function's output and any key that is embedded as it
   * is.
   */
  public static final int MAX_DIGEST_BYTES = 128;

  private final int code;
  private final byte[] bytes;
  private final int digestOffset;

  /** Of the bytes: peer ids are keys of many maps. */
  private final int hashCode;

  private Multihash(int code, byte[] bytes, int digestOffset) {
    this.code = code;
    this.bytes = bytes;
    this.digestOffset = digestOffset;
    this.hashCode = Arrays.hashCode(bytes);
  }

  /** A multihash of a digest that is at hand. */
  public static Multihash of(int code, byte[] digest) {
    if (digest.length > MAX_DIGEST_BYTES) {
      throw new MultiformatException("multihash: digest of " + digest.length + " bytes");
    }
    if (code == SHA2_256 && digest.length != 32) {
      throw new MultiformatException("multihash: sha2-256 of " + digest.length + " bytes");
    }
    int offset = Varint.size(code) + Varint.size(digest.length);
    ByteBuffer out = ByteBuffer.allocate(offset + digest.length);
    Varint.write(out, code);
    Varint.write(out, digest.length);
    out.put(digest);
    return new Multihash(code, out.array(), offset);
  }

  /** The SHA2-256 multihash of the content. */
  public static Multihash sha256(byte[] content) {
    try {
      return of(SHA2_256, MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK lacks SHA-256", e);
    }
  }

  /**
   * Reads a multihash at the buffer's position, and nothing behind it.
   *
   * @throws MultiformatException when there is none
   */
  public static Multihash read(ByteBuffer in) {
    int code = Varint.readAtMost(in, Integer.MAX_VALUE);
    int length = Varint.readAtMost(in, MAX_DIGEST_BYTES);
    if (length > in.remaining()) {
      throw new MultiformatException("multihash: input ends within its digest");
    }
    byte[] digest = new byte[length];
    in.get(digest);
    return of(code, digest);
  }

  /**
   * Reads bytes that are one multihash.
   *
   * @throws MultiformatException when they are not
   */
  public static Multihash decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Multihash multihash = read(in);
    if (in.hasRemaining()) {
      throw new MultiformatException("multihash: " + in.remaining() + " bytes too many");
    }
    return multihash;
  }

  /** The function's code in the multicodec table. */
  public int code() {
    return code;
  }

  /** A copy of the digest. */
  public byte[] digest() {
    return Arrays.copyOfRange(bytes, digestOffset, bytes.length);
  }

  /** A copy of the encoding. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Multihash that
            && hashCode == that.hashCode
            && Arrays.equals(bytes, that.bytes));
  }

  @Override
  public int hashCode() {
    return hashCode;
  }

  /** Base58, without prefix, as peer ids and CIDs of version 0 are written. */
  @Override
  public String toString() {
    return Multibase.BASE58BTC.encode(bytes);
  }
}
