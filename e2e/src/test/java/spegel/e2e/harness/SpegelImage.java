package spegel.e2e.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import spegel.oci.Digest;

/** The container image, built from these sources. */
public final class SpegelImage {
  private static final Duration BUILT_WITHIN = Duration.ofMinutes(8);

  private final Path folder;
  private final Digest digest;

  private SpegelImage(Path folder, Digest digest) {
    this.folder = folder;
    this.digest = digest;
  }

  /** The one that all tests of a run share. */
  public static SpegelImage shared() {
    return Shared.IMAGE;
  }

  /** Another one, built with more arguments. */
  public static SpegelImage build(String... more) {
    Path folder = RunFolder.current().newFolder("image");
    List<String> command =
        new ArrayList<>(
            List.of(Repository.file("deploy/image/build"), "--output", folder.toString()));
    command.addAll(List.of(more));
    String digest = Command.run(BUILT_WITHIN, command).orFail().lines().getLast();
    return new SpegelImage(folder, Digest.parse(digest));
  }

  /** The name that its archive gives it. */
  public static String name() {
    return "ghcr.io/spegel-jvm/spegel:" + Helm.version();
  }

  /** Of its manifest. */
  public Digest digest() {
    return digest;
  }

  /** The OCI image layout. */
  public Path layout() {
    return folder.resolve("oci");
  }

  /** The archive of the layout. */
  public Path archive() {
    return file("tar");
  }

  /** The bill of materials. */
  public Path billOfMaterials() {
    return file("cdx.json");
  }

  private Path file(String ending) {
    return folder.resolve(
        "spegel-%s-linux-%s.%s".formatted(Helm.version(), ImageBuilder.hostArchitecture(), ending));
  }

  /**
   * Has the containerd import the archive, and mounts the root file system of a container of it,
   * which takes mount points.
   */
  public Path mountedBy(Containerd containerd) {
    containerd.ctr("images", "import", archive().toString()).orFail();
    Path root = RunFolder.current().newFolder("root");
    containerd.ctr("images", "mount", "--rw", name(), root.toString()).orFail();
    return root;
  }

  /** Built when it is first asked for. */
  private static final class Shared {
    private static final SpegelImage IMAGE = build();
  }
}
