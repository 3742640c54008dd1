package spegel.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.MediaTypes;

/**
 * A small image, or an index of images, with its blobs.
 *
 * @param target its manifest or index
 * @param blobs all its content, the target's first
 */
public record SampleImage(Descriptor target, List<byte[]> blobs) {
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  public SampleImage {
    blobs = List.copyOf(blobs);
  }

  /** An image of these layers. */
  public static SampleImage of(String name, String... layers) {
    byte[] config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Image\":\"%s\"}}"
            .formatted(name)
            .getBytes(UTF_8);
    List<byte[]> blobs = new ArrayList<>(List.of(config));
    Stream.of(layers).map(SampleImage::layer).forEach(blobs::add);
    byte[] manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MediaTypes.OCI_MANIFEST,
                json(descriptor(CONFIG, config)),
                Stream.of(layers)
                    .map(layer -> json(descriptor(LAYER, layer(layer))))
                    .collect(Collectors.joining(",")))
            .getBytes(UTF_8);
    blobs.addFirst(manifest);
    return new SampleImage(descriptor(MediaTypes.OCI_MANIFEST, manifest), blobs);
  }

  /** An index of which one image was pulled, and another was not. */
  public static SampleImage indexOf(SampleImage pulled, SampleImage absent) {
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s,%s]}"
            .formatted(MediaTypes.OCI_INDEX, json(absent.target), json(pulled.target))
            .getBytes(UTF_8);
    List<byte[]> blobs = new ArrayList<>(pulled.blobs);
    blobs.addFirst(index);
    return new SampleImage(descriptor(MediaTypes.OCI_INDEX, index), blobs);
  }

  /** The bytes of the layer of that name. */
  public static byte[] layer(String name) {
    return ("layer " + name).repeat(20).getBytes(UTF_8);
  }

  /** The digest of the layer of that name. */
  public static Digest layerDigest(String name) {
    return Digest.sha256(layer(name));
  }

  /** The digests of all its content. */
  public List<Digest> digests() {
    return blobs.stream().map(Digest::sha256).toList();
  }

  private static Descriptor descriptor(String mediaType, byte[] content) {
    return new Descriptor(mediaType, Digest.sha256(content), content.length);
  }

  private static String json(Descriptor descriptor) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size());
  }
}
