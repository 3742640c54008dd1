package spegel.e2e.cluster;

import java.util.List;
import spegel.e2e.harness.Content;
import spegel.e2e.harness.MediaType;
import spegel.e2e.harness.OciImage;

/**
 * An image that the upstream has.
 *
 * @param registry the upstream, {@code host:port}
 * @param repository the image's own, which it shares with no other
 */
record PublishedImage(String registry, String repository, OciImage image) {
  static final String TAG = "1";

  /** Its name with a tag. */
  String tagged() {
    return registry + "/" + repository + ":" + TAG;
  }

  /** Its name with its digest. */
  String byDigest() {
    return registry + "/" + repository + "@" + image.digest();
  }

  /** Its layers, in their order. */
  List<Content> layers() {
    return image.blobs().stream()
        .filter(blob -> !blob.mediaType().equals(MediaType.OCI_CONFIG))
        .toList();
  }

  /** The bytes of all its layers. */
  long layerBytes() {
    return layers().stream().mapToLong(layer -> layer.bytes().length).sum();
  }

  /** Where a mirror has its tag. */
  String tagPath() {
    return "/v2/" + repository + "/manifests/" + TAG + "?ns=" + registry;
  }

  /** Where a mirror has the content. */
  String path(Content content) {
    return content.path(repository) + "?ns=" + registry;
  }
}
