package spegel.oci;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A manifest: JSON that says what an image is made of (OCI image specification, manifest.md and
 * image-index.md; Docker's image manifest version 2, schema 2).
 */
public sealed interface Manifest {
  /** Content of more bytes is never a manifest; registries and runtimes keep this limit too. */
  int MAX_BYTES = 4 * 1024 * 1024;

  /** The most layers of an image, or manifests of an index. */
  int MAX_CHILDREN = 10_000;

  /** What it calls itself, or what its fields tell when it says nothing; fit for a header. */
  String mediaType();

  /** What it needs to be complete, in the manifest's order; its subject is not among it. */
  List<Descriptor> children();

  /**
   * Reads a manifest's bytes.
   *
   * @throws OciFormatException when they are more than {@link #MAX_BYTES}, are not one JSON object,
   *     or break the rules of the kind of manifest that they claim to be
   */
  static Manifest parse(byte[] json) {
    return ManifestParser.parse(json);
  }

  /**
   * One image, or an artifact in an image's form.
   *
   * @param config the configuration; of an artifact perhaps the empty object
   * @param layers bottom first; an artifact may have none
   * @param subject the manifest that this one says something about, or null
   */
  record Image(
      String mediaType, Descriptor config, List<Descriptor> layers, @Nullable Descriptor subject)
      implements Manifest {
    public Image {
      MediaTypes.check(mediaType);
      layers = List.copyOf(layers);
    }

    @Override
    public List<Descriptor> children() {
      List<Descriptor> children = new ArrayList<>(layers.size() + 1);
      children.add(config);
      children.addAll(layers);
      return children;
    }
  }

  /**
   * A choice of manifests, mostly one for each platform.
   *
   * @param manifests in the index's order of preference; seldom all of them are on a node
   * @param subject the manifest that this one says something about, or null
   */
  record Index(String mediaType, List<Descriptor> manifests, @Nullable Descriptor subject)
      implements Manifest {
    public Index {
      MediaTypes.check(mediaType);
      manifests = List.copyOf(manifests);
    }

    @Override
    public List<Descriptor> children() {
      return manifests;
    }
  }

  /**
   * A JSON object of another kind: an image's configuration, Docker's schema 1, an attestation.
   *
   * @param mediaType what it calls itself; {@value Descriptor#UNKNOWN_MEDIA_TYPE} when it says
   *     nothing, or something outside of {@code application/}
   */
  record Other(String mediaType) implements Manifest {
    public Other {
      MediaTypes.check(mediaType);
    }

    @Override
    public List<Descriptor> children() {
      return List.of();
    }
  }
}
