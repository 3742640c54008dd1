package spegel.libp2p;

import spegel.multiformats.Cid;
import spegel.multiformats.Multibase;
import spegel.multiformats.MultiformatException;
import spegel.multiformats.Multihash;

/**
 * A peer's identity: the multihash of its public key (libp2p specification, peer-ids). A short key,
 * such as Ed25519, is embedded as it is, so the id tells the key.
 *
 * @param hash an identity multihash of at most {@value #MAX_EMBEDDED_BYTES} bytes, or a SHA2-256
 */
public record PeerId(Multihash hash) {
  private static final int MAX_EMBEDDED_BYTES = 42;

  public PeerId {
    boolean embedded =
        hash.code() == Multihash.IDENTITY && hash.digest().length <= MAX_EMBEDDED_BYTES;
    if (!embedded && hash.code() != Multihash.SHA2_256) {
      throw new MultiformatException("peer id: neither a short key nor a SHA2-256");
    }
  }

  /** The id of a public key, given in its protobuf form. */
  static PeerId ofPublicKey(byte[] encodedKey) {
    return new PeerId(
        encodedKey.length <= MAX_EMBEDDED_BYTES
            ? Multihash.of(Multihash.IDENTITY, encodedKey)
            : Multihash.sha256(encodedKey));
  }

  /**
   * Reads the bytes of an id as they stand in messages.
   *
   * @throws MultiformatException when they are not one
   */
  public static PeerId decode(byte[] bytes) {
    return new PeerId(Multihash.decode(bytes));
  }

  /**
   * Reads {@code 12D3KooW…}, {@code Qm…}, or the CID of a key.
   *
   * @throws MultiformatException when the text is none of these
   */
  public static PeerId parse(String text) {
    if (text.startsWith("1") || text.startsWith("Qm")) {
      return new PeerId(Multihash.decode(Multibase.BASE58BTC.decode(text)));
    }
    Cid cid = Cid.parse(text);
    if (cid.codec() != Cid.LIBP2P_KEY) {
      throw new MultiformatException("peer id: a CID of something else than a key");
    }
    return new PeerId(cid.hash());
  }

  /** The id's bytes, a multihash. */
  public byte[] bytes() {
    return hash.bytes();
  }

  @Override
  public String toString() {
    return hash.toString();
  }
}
