package spegel.oci;

import org.jspecify.annotations.Nullable;

/**
 * What a pull request asks for, told by its path and its {@code ns} parameter (distribution
 * specification, "Pulling manifests" and "Pulling blobs").
 */
public sealed interface DistributionPath {
  /** A longer path and query together is refused before it is looked at. */
  int MAX_CHARS = 4096;

  /**
   * Reads a request's path and query as they stand on the wire. Any input gives a value; never
   * throws. Cheap enough for an event loop.
   *
   * @param rawPath begins with {@code /}, percent-encoded
   * @param rawQuery what follows the question mark, percent-encoded, or null
   */
  static DistributionPath parse(String rawPath, @Nullable String rawQuery) {
    return DistributionPathParser.parse(rawPath, rawQuery);
  }

  /** Reads a request target, path and query in one. See {@link #parse(String, String)}. */
  static DistributionPath parse(String rawTarget) {
    int question = rawTarget.indexOf('?');
    return question < 0
        ? parse(rawTarget, null)
        : parse(rawTarget.substring(0, question), rawTarget.substring(question + 1));
  }

  /** {@code /v2/}: does this server speak the protocol? */
  record VersionCheck() implements DistributionPath {}

  /**
   * A manifest by what its name points to now.
   *
   * @param reference has a tag and no digest
   */
  record ManifestByTag(Reference reference) implements DistributionPath {}

  /**
   * A manifest by its digest.
   *
   * @param name the repository's path
   * @param digest what is asked for
   * @param registry the {@code ns} parameter, normalized; null when there was none
   */
  record ManifestByDigest(String name, Digest digest, @Nullable String registry)
      implements DistributionPath {}

  /**
   * A blob: a layer, a configuration, or any other content.
   *
   * @param name the repository's path
   * @param digest what is asked for
   * @param registry the {@code ns} parameter, normalized; null when there was none
   */
  record BlobByDigest(String name, Digest digest, @Nullable String registry)
      implements DistributionPath {}

  /**
   * A path that asks for nothing that this server could have.
   *
   * @param status the HTTP status to answer with
   * @param error why, for the body
   */
  record Refused(int status, RegistryError error) implements DistributionPath {}
}
