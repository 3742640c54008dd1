package spegel.oci;

import org.jspecify.annotations.Nullable;

/**
 * A name of an image: a repository with a tag, a digest, or both.
 *
 * @param repository where it lives
 * @param tag the tag, or null when it is named by digest alone
 * @param digest the digest, or null when it is named by tag alone
 */
public record Reference(Repository repository, @Nullable String tag, @Nullable Digest digest) {
  public Reference {
    if (tag == null && digest == null) {
      throw new OciFormatException("reference: neither tag nor digest: " + repository);
    }
  }

  /**
   * The reference's tagged name without its digest, {@code docker.io/library/nginx:latest}: a
   * routing key.
   */
  public String taggedName() {
    return repository + ":" + tag;
  }

  @Override
  public String toString() {
    return repository + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }
}
