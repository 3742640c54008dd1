package spegel.oci;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A name of an image: a repository with a tag, a digest, or both.
 *
 * @param repository where it lives
 * @param tag the tag, or null when it is named by digest alone; at most {@value #MAX_TAG_CHARS}
 *     characters
 * @param digest the digest, or null when it is named by tag alone
 */
public record Reference(Repository repository, @Nullable String tag, @Nullable Digest digest) {
  public static final int MAX_TAG_CHARS = 128;

  /** No reference is longer: registry, path, tag and the longest digest with their separators. */
  public static final int MAX_CHARS =
      RegistryHost.MAX_CHARS + 1 + Repository.MAX_PATH_CHARS + 1 + MAX_TAG_CHARS + 1 + 135;

  private static final String DEFAULT_TAG = "latest";
  private static final String DOCKER_HUB_LIBRARY = "library/";

  public Reference {
    if (tag == null && digest == null) {
      throw new OciFormatException("reference: neither tag nor digest: " + repository);
    }
    if (tag != null) {
      checkTag(tag);
    }
  }

  /**
   * Reads a full name as a container runtime stores it, {@code registry/path[:tag][@digest]}: the
   * registry is there, and so is a tag or a digest. The inverse of {@link #toString}.
   *
   * @throws OciFormatException when the text is anything else
   */
  public static Reference parse(String text) {
    Parts parts = Parts.of(text);
    return new Reference(Repository.parse(parts.name()), parts.tag(), parts.digest());
  }

  /**
   * Reads a name as a person types it, with Docker's rules for what is left out: {@code nginx} is
   * {@code docker.io/library/nginx:latest}.
   *
   * @throws OciFormatException when the text is not a reference even so
   */
  public static Reference parseFamiliar(String text) {
    Parts parts = Parts.of(text);
    String tag = parts.tag() == null && parts.digest() == null ? DEFAULT_TAG : parts.tag();
    return new Reference(familiarRepository(parts.name()), tag, parts.digest());
  }

  private static Repository familiarRepository(String name) {
    if (isDigestHex(name)) {
      throw new OciFormatException("reference: a bare image id, not a name: " + name);
    }
    int slash = name.indexOf('/');
    boolean namesRegistry = slash > 0 && looksLikeRegistry(name.substring(0, slash));
    Repository repository =
        namesRegistry ? Repository.parse(name) : new Repository(RegistryHost.DOCKER_HUB, name);
    boolean shortName =
        repository.registry().equals(RegistryHost.DOCKER_HUB) && repository.path().indexOf('/') < 0;
    return shortName
        ? new Repository(RegistryHost.DOCKER_HUB, DOCKER_HUB_LIBRARY + repository.path())
        : repository;
  }

  /** Docker's rule: a first component is a registry if no repository could be called that. */
  private static boolean looksLikeRegistry(String component) {
    if (component.equals("localhost")) {
      return true;
    }
    for (int i = 0; i < component.length(); i++) {
      char c = component.charAt(i);
      if (c == '.' || c == ':' || Ascii.isUpperCase(c)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDigestHex(String name) {
    return name.length() == Digest.Algorithm.SHA256.hexChars()
        && name.chars().allMatch(c -> Ascii.isLowerCaseHexadecimal((char) c));
  }

  /** Refuses what is not a tag: a letter, digit or {@code _}, then those and {@code . -}. */
  static void checkTag(String tag) {
    if (tag.isEmpty() || tag.length() > MAX_TAG_CHARS) {
      throw new OciFormatException(
          "tag: needs 1 to %d characters, got %d".formatted(MAX_TAG_CHARS, tag.length()));
    }
    for (int i = 0; i < tag.length(); i++) {
      char c = tag.charAt(i);
      boolean word = c == '_' || Ascii.isAlphanumeric(c);
      if (!word && (i == 0 || (c != '.' && c != '-'))) {
        throw new OciFormatException("tag: malformed: " + OciFormatException.quote(tag));
      }
    }
  }

  /**
   * The reference's tagged name without its digest, {@code docker.io/library/nginx:latest}: a
   * routing key.
   *
   * @throws IllegalStateException when it has no tag
   */
  public String taggedName() {
    if (tag == null) {
      throw new IllegalStateException("reference has no tag: " + this);
    }
    return repository + ":" + tag;
  }

  // Said out for a quick start: see Digest.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Reference reference
        && repository.equals(reference.repository)
        && Objects.equals(tag, reference.tag)
        && Objects.equals(digest, reference.digest);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * repository.hashCode() + Objects.hashCode(tag)) + Objects.hashCode(digest);
  }

  @Override
  public String toString() {
    return repository + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  /** The text cut at its separators; only the digest is checked so far. */
  private record Parts(String name, @Nullable String tag, @Nullable Digest digest) {

    static Parts of(String text) {
      if (text.length() > MAX_CHARS) {
        throw new OciFormatException(
            "reference: more than %d characters: %s"
                .formatted(MAX_CHARS, OciFormatException.quote(text)));
      }
      int at = text.indexOf('@');
      Digest digest = at < 0 ? null : Digest.parse(text.substring(at + 1));
      String tagged = at < 0 ? text : text.substring(0, at);
      int colon = tagged.lastIndexOf(':');
      // A colon before the last slash belongs to the registry's port.
      boolean hasTag = colon > tagged.lastIndexOf('/');
      return hasTag
          ? new Parts(tagged.substring(0, colon), tagged.substring(colon + 1), digest)
          : new Parts(tagged, null, digest);
    }
  }
}
