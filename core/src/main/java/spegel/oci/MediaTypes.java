package spegel.oci;

/**
 * The media types that this program tells apart (OCI image specification, media-types.md; Docker's
 * image manifest version 2, schema 2).
 */
public final class MediaTypes {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";

  static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

  /** RFC 6838, section 4.2: two names of at most 127 characters; with parameters no more either. */
  static final int MAX_CHARS = 255;

  private MediaTypes() {}

  /** Whether content of this type points to the manifests of platforms. */
  public static boolean isIndex(String mediaType) {
    return mediaType.equals(OCI_INDEX) || mediaType.equals(DOCKER_LIST);
  }

  /** Whether content of this type points to a configuration and layers. */
  public static boolean isImageManifest(String mediaType) {
    return mediaType.equals(OCI_MANIFEST) || mediaType.equals(DOCKER_MANIFEST);
  }

  /** Whether content of this type points to other content. */
  public static boolean isManifest(String mediaType) {
    return isImageManifest(mediaType) || isIndex(mediaType);
  }

  /**
   * Refuses what is not {@code type/subtype} with or without parameters: it comes from strangers
   * and goes into a header. Of the parameters only the characters are looked at.
   *
   * @throws OciFormatException when it is malformed
   */
  static void check(String mediaType) {
    int slash = mediaType.indexOf('/');
    int semicolon = mediaType.indexOf(';');
    int end = semicolon < 0 ? mediaType.length() : semicolon;
    boolean wellFormed =
        mediaType.length() <= MAX_CHARS
            && slash > 0
            && slash < end
            && isName(mediaType, 0, slash)
            && isName(mediaType, slash + 1, end)
            && isPrintable(mediaType, end);
    if (!wellFormed) {
      throw new OciFormatException(
          "media type: not type/subtype: " + OciFormatException.quote(mediaType));
    }
  }

  /** RFC 6838's restricted-name: a letter or digit, then those and a few signs. */
  private static boolean isName(String text, int start, int end) {
    if (start == end || !Ascii.isAlphanumeric(text.charAt(start))) {
      return false;
    }
    for (int i = start + 1; i < end; i++) {
      char c = text.charAt(i);
      if (!Ascii.isAlphanumeric(c) && "!#$&-^_.+".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPrintable(String text, int start) {
    for (int i = start; i < text.length(); i++) {
      if (text.charAt(i) < 0x20 || text.charAt(i) > 0x7e) {
        return false;
      }
    }
    return true;
  }
}
