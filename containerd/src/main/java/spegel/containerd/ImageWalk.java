package spegel.containerd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.MediaTypes;
import spegel.oci.OciFormatException;
import spegel.store.StoreException;

/**
 * Finds what an image consists of and is really here: from its target through indexes and manifests
 * to configurations and layers. Bounded in depth, blobs and bytes of manifests, for images come
 * from strangers; what is beyond is left out.
 */
final class ImageWalk {
  private static final Logger log = LoggerFactory.getLogger(ImageWalk.class);

  /** An index of indexes of manifests, and their children. */
  static final int MAX_DEPTH = 3;

  static final int MAX_BLOBS = Manifest.MAX_CHILDREN;
  static final long MAX_MANIFEST_BYTES = 32L * 1024 * 1024;

  private final ContentDirectory directory;
  private final Map<Digest, Descriptor> reached = new LinkedHashMap<>();
  private int visits;
  private long manifestBytes;

  private ImageWalk(ContentDirectory directory) {
    this.directory = directory;
  }

  /**
   * Everything that is reached from the target, itself first.
   *
   * @param mediaType of the target, as containerd knows it
   */
  static List<Descriptor> from(ContentDirectory directory, String mediaType, Digest target) {
    ImageWalk walk = new ImageWalk(directory);
    walk.visit(mediaType, target, 0);
    return new ArrayList<>(walk.reached.values());
  }

  private void visit(String mediaType, Digest digest, int depth) {
    if (++visits > MAX_BLOBS || reached.containsKey(digest)) {
      return;
    }
    OptionalLong size = directory.size(digest);
    if (size.isEmpty()) {
      return;
    }
    // The size is the file's: a descriptor may claim anything.
    reached.put(digest, new Descriptor(mediaType, digest, size.getAsLong()));
    // An image's target is a manifest whatever its name's record says.
    boolean manifest = depth == 0 || MediaTypes.isManifest(mediaType);
    if (manifest && depth < MAX_DEPTH) {
      for (Descriptor child : children(digest, size.getAsLong())) {
        visit(child.mediaType(), child.digest(), depth + 1);
      }
    }
  }

  private List<Descriptor> children(Digest digest, long size) {
    manifestBytes += size;
    if (size > Manifest.MAX_BYTES || manifestBytes > MAX_MANIFEST_BYTES) {
      return List.of();
    }
    try {
      Optional<byte[]> bytes = directory.manifest(digest);
      return bytes.isEmpty() ? List.of() : Manifest.parse(bytes.get()).children();
    } catch (OciFormatException | StoreException e) {
      log.atDebug()
          .addKeyValue("digest", digest)
          .addKeyValue("reason", e.getMessage())
          .log("Manifest not read");
      return List.of();
    }
  }
}
