package spegel.e2e.harness;

import java.util.Set;
import spegel.oci.Digest;

/** One piece of an image: its bytes, and as what a descriptor names them. */
public final class Content {
  private static final Set<String> MANIFESTS =
      Set.of(
          MediaType.OCI_INDEX,
          MediaType.OCI_MANIFEST,
          MediaType.DOCKER_LIST,
          MediaType.DOCKER_MANIFEST);

  private final String mediaType;
  private final Digest digest;
  private final byte[] bytes;

  Content(String mediaType, byte[] bytes) {
    this.mediaType = mediaType;
    this.bytes = bytes;
    this.digest = Digest.sha256(bytes);
  }

  /** As its parent's descriptor says. */
  public String mediaType() {
    return mediaType;
  }

  /** The SHA-256 digest of the bytes. */
  public Digest digest() {
    return digest;
  }

  /** The bytes themselves, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** Whether it is an index or a manifest, and not a blob. */
  public boolean manifest() {
    return MANIFESTS.contains(mediaType);
  }

  /** Where the distribution API has it. */
  public String path(String repository) {
    return "/v2/" + repository + (manifest() ? "/manifests/" : "/blobs/") + digest;
  }

  String descriptor() {
    return descriptor("");
  }

  /** As JSON, with more members added as they are. */
  String descriptor(String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(mediaType, digest, bytes.length, more);
  }

  @Override
  public String toString() {
    return mediaType + " " + digest;
  }
}
