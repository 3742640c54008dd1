package spegel.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import spegel.oci.Descriptor;
import spegel.oci.Digest;
import spegel.oci.Manifest;
import spegel.oci.MediaTypes;
import spegel.testing.Property;

class ImageWalkTest {
  private final Map<Digest, byte[]> blobs = new HashMap<>();
  private int sizesAsked;

  private final BlobSource source =
      new BlobSource() {
        @Override
        public OptionalLong size(Digest digest) {
          sizesAsked++;
          byte[] content = blobs.get(digest);
          return content == null ? OptionalLong.empty() : OptionalLong.of(content.length);
        }

        @Override
        public Optional<byte[]> manifest(Digest digest) {
          return Optional.ofNullable(blobs.get(digest));
        }
      };

  @Test
  void from_leavesOut_whatIsOfAnotherSize() {
    SampleImage image = SampleImage.of("a", "a", "b");
    image.blobs().forEach(this::add);
    blobs.put(SampleImage.layerDigest("b"), new byte[] {1});

    List<Digest> reached = digests(ImageWalk.from(source, image.target()));

    assertEquals(image.digests().subList(0, 3), reached);
  }

  @Test
  void from_isEmpty_whenTheTargetIsNotHere() {
    SampleImage image = SampleImage.of("a", "a");
    image.blobs().stream().skip(1).forEach(this::add);

    assertEquals(List.of(), ImageWalk.from(source, image.target()));
  }

  @Test
  void from_takesTheTargetForAManifest_whateverItIsCalled() {
    SampleImage image = SampleImage.of("a", "a");
    image.blobs().forEach(this::add);
    Descriptor target = image.target();
    Descriptor unknown =
        new Descriptor(Descriptor.UNKNOWN_MEDIA_TYPE, target.digest(), target.size());

    assertEquals(image.digests(), digests(ImageWalk.from(source, unknown)));
  }

  @Test
  void from_endsAtADepth() {
    SampleImage image = SampleImage.of("a", "a");
    image.blobs().forEach(this::add);
    Descriptor nested = image.target();
    for (int i = 0; i < 10; i++) {
      nested = index(nested);
    }

    assertEquals(4, ImageWalk.from(source, nested).size());
  }

  @Test
  void from_looksAtSoManyBlobs_andNoMore() {
    List<Descriptor> indexes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String prefix = "absent " + i + " ";
      indexes.add(
          index(
              Stream.iterate(0, n -> n + 1)
                  .limit(Manifest.MAX_CHILDREN - 1)
                  .map(n -> descriptor((prefix + n).getBytes(UTF_8)))
                  .toArray(Descriptor[]::new)));
    }

    ImageWalk.from(source, index(indexes.toArray(Descriptor[]::new)));

    assertTrue(sizesAsked <= Manifest.MAX_CHILDREN, "asked " + sizesAsked);
  }

  @Test
  void from_neverFails_whateverAManifestHolds() {
    byte[] valid = SampleImage.of("a", "a").blobs().getFirst();
    Property.forAll(
        10_000,
        generator -> {
          byte[] mutated = generator.mutate(valid);
          add(mutated);
          Descriptor target = descriptor(mutated);
          assertEquals(target, ImageWalk.from(source, target).getFirst());
          blobs.clear();
        });
  }

  private void add(byte[] content) {
    blobs.put(Digest.sha256(content), content);
  }

  private Descriptor index(Descriptor... children) {
    byte[] json =
        Stream.of(children)
            .map(
                child ->
                    "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                        .formatted(child.mediaType(), child.digest(), child.size()))
            .collect(Collectors.joining(",", "{\"schemaVersion\":2,\"manifests\":[", "]}"))
            .getBytes(UTF_8);
    add(json);
    return descriptor(json);
  }

  private static Descriptor descriptor(byte[] content) {
    return new Descriptor(MediaTypes.OCI_INDEX, Digest.sha256(content), content.length);
  }

  private static List<Digest> digests(List<Descriptor> descriptors) {
    return descriptors.stream().map(Descriptor::digest).toList();
  }
}
