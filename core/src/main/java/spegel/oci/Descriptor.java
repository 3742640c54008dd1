package spegel.oci;

/**
 * A pointer to content (OCI image specification, descriptor.md), cut down to what a mirror needs.
 *
 * @param mediaType what the content is, fit for a header; {@value #UNKNOWN_MEDIA_TYPE} when nobody
 *     said
 * @param digest the content's identifier
 * @param size bytes, not negative
 */
public record Descriptor(String mediaType, Digest digest, long size) {
  public static final String UNKNOWN_MEDIA_TYPE = "application/octet-stream";

  public Descriptor {
    MediaTypes.check(mediaType);
    if (size < 0) {
      throw new OciFormatException("descriptor: negative size " + size + " of " + digest);
    }
  }
}
