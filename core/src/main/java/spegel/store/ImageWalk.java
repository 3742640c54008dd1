package spegel.store;

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

/**
 * Finds what of an image is really here: from its target through indexes and manifests to
 * configurations and layers. Bounded in depth, blobs and bytes of manifests, for images come from
 * strangers; what is beyond is left out.
 */
public final class ImageWalk {
  private static final Logger log = LoggerFactory.getLogger(ImageWalk.class);

  /** An index of indexes of manifests, and their children. */
  private static final int MAX_DEPTH = 3;

  private static final int MAX_BLOBS = Manifest.MAX_CHILDREN;
  private static final long MAX_MANIFEST_BYTES = 32L * 1024 * 1024;

  private final BlobSource source;
  private final Map<Digest, Descriptor> reached = new LinkedHashMap<>();
  private int visits;
  private long manifestBytes;

  private ImageWalk(BlobSource source) {
    this.source = source;
  }

  /**
   * All that is reached from the target and is here, the target first. Content of another size than
   * its descriptor says is not the one that is meant, or not complete, and so is not here.
   *
   * @throws StoreException when the source cannot be read
   */
  public static List<Descriptor> from(BlobSource source, Descriptor target) {
    ImageWalk walk = new ImageWalk(source);
    walk.visit(target, 0);
    return List.copyOf(walk.reached.values());
  }

  private void visit(Descriptor descriptor, int depth) {
    Digest digest = descriptor.digest();
    if (++visits > MAX_BLOBS || reached.containsKey(digest)) {
      return;
    }
    OptionalLong size = source.size(digest);
    if (size.isEmpty() || size.getAsLong() != descriptor.size()) {
      return;
    }
    reached.put(digest, descriptor);
    // An image's target is a manifest whatever its descriptor calls it.
    boolean manifest = depth == 0 || MediaTypes.isManifest(descriptor.mediaType());
    if (manifest && depth < MAX_DEPTH) {
      for (Descriptor child : children(descriptor)) {
        visit(child, depth + 1);
      }
    }
  }

  private List<Descriptor> children(Descriptor descriptor) {
    if (descriptor.size() > Manifest.MAX_BYTES
        || manifestBytes + descriptor.size() > MAX_MANIFEST_BYTES) {
      return List.of();
    }
    manifestBytes += descriptor.size();
    try {
      Optional<byte[]> bytes = source.manifest(descriptor.digest());
      return bytes.isEmpty() ? List.of() : Manifest.parse(bytes.get()).children();
    } catch (OciFormatException e) {
      log.atDebug()
          .addKeyValue("digest", descriptor.digest())
          .addKeyValue("reason", e.getMessage())
          .log("Manifest not understood");
      return List.of();
    }
  }
}
