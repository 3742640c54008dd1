package spegel.app.demo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import spegel.app.command.CommandFailedException;
import spegel.oci.Descriptor;
import spegel.oci.LayoutIndex;
import spegel.oci.Manifest;
import spegel.oci.MediaTypes;
import spegel.oci.OciFormatException;
import spegel.oci.Reference;
import spegel.oci.Repository;

/** Brings the image that a user names into the registry's layout. */
final class ImageImport {
  private static final String CURE =
      " --image (or $IMAGE) takes the folder of an OCI image layout, or an archive: skopeo copy … "
          + "oci-archive:FILE, or docker save -o FILE NAME.";

  /** For images whose name is none that could be asked for. */
  private static final Repository UNNAMED = new Repository("demo.example", "image");

  private static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";

  private final Path image;
  private final Layout target;

  private ImageImport(Path image, Layout target) {
    this.image = image;
    this.target = target;
  }

  /**
   * Reads the first image of a folder or an archive.
   *
   * @throws CommandFailedException when there is none; the message says why, and what would do
   */
  static DemoImage read(Path image, Layout target) {
    ImageImport reading = new ImageImport(image, target);
    try {
      DemoImage read;
      if (Files.isDirectory(image)) {
        read = reading.ofFolder();
      } else if (Files.exists(image)) {
        read = reading.ofArchive();
      } else {
        throw reading.failed("there is no such file or folder", null);
      }
      target.list(read.name(), read.root());
      return read;
    } catch (IOException | OciFormatException e) {
      throw reading.failed(String.valueOf(e.getMessage()), e);
    }
  }

  private CommandFailedException failed(String reason, @Nullable Exception cause) {
    String message = "the image " + image + ": " + reason + "." + CURE;
    return cause == null
        ? new CommandFailedException(message)
        : new CommandFailedException(message, cause);
  }

  private DemoImage ofFolder() throws IOException {
    Layout source = Layout.at(image);
    if (!Files.exists(image.resolve(Layout.LAYOUT_FILE))
        || !Files.exists(image.resolve(Layout.INDEX_FILE))) {
      throw failed(
          "it has no files %s and %s".formatted(Layout.LAYOUT_FILE, Layout.INDEX_FILE), null);
    }
    DemoImage found = select(source, source.index());
    for (Descriptor content : found.content()) {
      try (InputStream bytes = source.open(content)) {
        target.add(content, bytes);
      }
    }
    return found;
  }

  private DemoImage ofArchive() throws IOException {
    ArchiveFiles files = ArchiveFiles.read(image, target);
    Optional<Descriptor> index = files.find(Layout.INDEX_FILE);
    if (index.isPresent()) {
      return select(target, LayoutIndex.parse(target.manifest(index.get())));
    }
    Descriptor manifest =
        files
            .find(DockerArchive.FILE)
            .orElseThrow(
                () ->
                    failed(
                        "it has neither %s nor %s".formatted(Layout.INDEX_FILE, DockerArchive.FILE),
                        null));
    return ofDocker(files, DockerArchive.parse(target.manifest(manifest)));
  }

  private DemoImage select(Layout source, LayoutIndex index) throws IOException {
    for (LayoutIndex.Entry entry : index.entries()) {
      Optional<DemoImage> complete = DemoImage.of(source, name(entry.name()), entry.descriptor());
      if (complete.isPresent()) {
        return complete.get();
      }
    }
    throw failed("it has no image of which all content is there", null);
  }

  /** An archive without a manifest of its own gets the one that docker push would make. */
  private DemoImage ofDocker(ArchiveFiles files, DockerArchive archive) throws IOException {
    Descriptor config = typed(file(files, archive.config()), DOCKER_CONFIG);
    List<Descriptor> layers = new ArrayList<>();
    for (String layer : archive.layers()) {
      layers.add(typed(file(files, layer), DOCKER_LAYER));
    }
    String json = ImageMaker.manifest(MediaTypes.DOCKER_MANIFEST, config, layers);
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    Manifest.parse(bytes);
    Descriptor root = target.add(MediaTypes.DOCKER_MANIFEST, new ByteArrayInputStream(bytes));
    return DemoImage.of(target, name(archive.tag()), root)
        .orElseThrow(() -> failed("it is not complete", null));
  }

  private Descriptor file(ArchiveFiles files, String name) {
    return files
        .find(name)
        .orElseThrow(() -> failed("it has no file " + OciFormatException.quote(name), null));
  }

  private static Descriptor typed(Descriptor content, String mediaType) {
    return new Descriptor(mediaType, content.digest(), content.size());
  }

  /** A name with a registry and a tag; what a layout says may be a tag alone, or nothing. */
  private static Reference name(@Nullable String text) {
    try {
      if (text != null && (text.contains("/") || text.contains(":"))) {
        Reference full = Reference.parseFamiliar(text);
        return new Reference(full.repository(), full.tag() == null ? "latest" : full.tag(), null);
      }
      return new Reference(UNNAMED, text == null ? "latest" : text, null);
    } catch (OciFormatException e) {
      return new Reference(UNNAMED, "latest", null);
    }
  }
}
