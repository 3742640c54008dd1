package spegel.multiformats;

import java.nio.ByteBuffer;

/**
 * A content identifier (multiformats "CID"): a multihash and what the hashed bytes are.
 *
 * @param version 0 or 1
 * @param codec the content's code in the multicodec table; {@link #DAG_PB} in version 0
 * @param hash the content's hash; SHA2-256 in version 0
 */
public record Cid(int version, int codec, Multihash hash) {
  public static final int RAW = 0x55;
  public static final int DAG_PB = 0x70;
  public static final int LIBP2P_KEY = 0x72;

  private static final int V0_CHARS = 46;
  private static final int MAX_CHARS = 512;

  public Cid {
    if (version != 0 && version != 1) {
      throw new MultiformatException("cid: version " + version);
    }
    if (version == 0 && (codec != DAG_PB || hash.code() != Multihash.SHA2_256)) {
      throw new MultiformatException("cid: version 0 is dag-pb with sha2-256");
    }
    if (codec < 0) {
      throw new MultiformatException("cid: codec " + codec);
    }
  }

  /** A version 1 identifier of bytes that are what they are. */
  public static Cid raw(Multihash hash) {
    return new Cid(1, RAW, hash);
  }

  /**
   * Reads bytes that are one CID.
   *
   * @throws MultiformatException when they are not
   */
  public static Cid decode(byte[] bytes) {
    if (bytes.length == 34 && bytes[0] == Multihash.SHA2_256 && bytes[1] == 32) {
      return new Cid(0, DAG_PB, Multihash.decode(bytes));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int version = Varint.readAtMost(in, Integer.MAX_VALUE);
    if (version != 1) {
      throw new MultiformatException("cid: version " + version);
    }
    int codec = Varint.readAtMost(in, Integer.MAX_VALUE);
    Multihash hash = Multihash.read(in);
    if (in.hasRemaining()) {
      throw new MultiformatException("cid: " + in.remaining() + " bytes too many");
    }
    return new Cid(1, codec, hash);
  }

  /**
   * Reads a CID's text: base58 of version 0, or multibase of version 1.
   *
   * @throws MultiformatException when it is not one
   */
  public static Cid parse(String text) {
    if (text.length() > MAX_CHARS) {
      throw new MultiformatException("cid: longer than " + MAX_CHARS + " characters");
    }
    if (text.length() == V0_CHARS && text.startsWith("Qm")) {
      return decode(Multibase.BASE58BTC.decode(text));
    }
    Cid cid = decode(Multibase.decodeWithPrefix(text));
    if (cid.version == 0) {
      throw new MultiformatException("cid: version 0 with a multibase prefix");
    }
    return cid;
  }

  /** The encoding. */
  public byte[] bytes() {
    byte[] multihash = hash.bytes();
    if (version == 0) {
      return multihash;
    }
    ByteBuffer out =
        ByteBuffer.allocate(Varint.size(version) + Varint.size(codec) + multihash.length);
    Varint.write(out, version);
    Varint.write(out, codec);
    return out.put(multihash).array();
  }

  @Override
  public String toString() {
    return version == 0 ? hash.toString() : Multibase.BASE32.encodeWithPrefix(bytes());
  }
}
