package spegel.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The identifier of content by its hash, {@code algorithm:hex} (OCI image specification,
 * descriptor.md, "Digests").
 *
 * @param algorithm one of the two registered algorithms
 * @param hex the hash in lower-case hexadecimal, of the algorithm's length
 */
public record Digest(Algorithm algorithm, String hex) {

  /** The registered hash algorithms. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String prefix;
    private final String jcaName;
    private final int hexChars;

    Algorithm(String prefix, String jcaName, int hexChars) {
      this.prefix = prefix;
      this.jcaName = jcaName;
      this.hexChars = hexChars;
    }

    /** The name in a digest's text and in store paths: {@code sha256} or {@code sha512}. */
    public String prefix() {
      return prefix;
    }

    /** The number of hexadecimal characters of a digest. */
    public int hexChars() {
      return hexChars;
    }

    /** A fresh hash computation. */
    public MessageDigest newMessageDigest() {
      try {
        return MessageDigest.getInstance(jcaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("the JDK lacks " + jcaName, e);
      }
    }
  }

  public Digest {
    if (hex.length() != algorithm.hexChars()) {
      throw new OciFormatException(
          "digest: %s needs %d hexadecimal characters, got %d"
              .formatted(algorithm.prefix(), algorithm.hexChars(), hex.length()));
    }
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        throw new OciFormatException(
            "digest: not lower-case hexadecimal: " + OciFormatException.quote(hex));
      }
    }
  }

  /**
   * Reads {@code sha256:…} or {@code sha512:…}.
   *
   * @throws OciFormatException when the text is anything else
   */
  public static Digest parse(String text) {
    for (Algorithm algorithm : Algorithm.values()) {
      String prefix = algorithm.prefix();
      if (text.length() > prefix.length()
          && text.startsWith(prefix)
          && text.charAt(prefix.length()) == ':') {
        return new Digest(algorithm, text.substring(prefix.length() + 1));
      }
    }
    throw new OciFormatException(
        "digest: not sha256:… or sha512:…: " + OciFormatException.quote(text));
  }

  /** Whether the text starts like a digest; it may still be malformed. */
  public static boolean looksLikeDigest(String text) {
    return text.indexOf(':') >= 0;
  }

  /** The digest of the bytes. */
  public static Digest of(Algorithm algorithm, byte[] content) {
    return new Digest(
        algorithm, HexFormat.of().formatHex(algorithm.newMessageDigest().digest(content)));
  }

  /** The SHA-256 digest of the bytes. */
  public static Digest sha256(byte[] content) {
    return of(Algorithm.SHA256, content);
  }

  // Said out, as in Repository and Reference, which are keys of the stores' maps: the methods that
  // a
  // record has of its own are linked anew at each start of the JVM; no AOT cache saves that.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Digest digest
        && algorithm == digest.algorithm
        && hex.equals(digest.hex);
  }

  @Override
  public int hashCode() {
    return hex.hashCode();
  }

  @Override
  public String toString() {
    return algorithm.prefix() + ":" + hex;
  }
}
