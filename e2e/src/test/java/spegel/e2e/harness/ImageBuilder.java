package spegel.e2e.harness;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import spegel.oci.Digest;

/**
 * Builds images that a runtime can unpack: every layer is a tar archive of a file that does not
 * compress and one that does. The same seed and calls give the same bytes.
 */
public final class ImageBuilder {
  private static final String TEXT = "It was a bright cold day in April, and the clocks struck.\n";

  private final boolean docker;
  private final RandomGenerator random;
  private final List<Content> layers = new ArrayList<>();
  private final List<Digest> diffIds = new ArrayList<>();
  private String architecture = hostArchitecture();
  private List<String> command = List.of();

  private ImageBuilder(boolean docker, long seed) {
    this.docker = docker;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** An image in the OCI's form. */
  public static ImageBuilder oci(long seed) {
    return new ImageBuilder(false, seed);
  }

  /** An image in Docker's form, version 2 schema 2. */
  public static ImageBuilder docker(long seed) {
    return new ImageBuilder(true, seed);
  }

  /** This machine's processor as images name it. */
  public static String hostArchitecture() {
    return switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      case String other -> other;
    };
  }

  /** The processor that it is for; this machine's unless told. */
  public ImageBuilder architecture(String name) {
    architecture = name;
    return this;
  }

  /** What it runs. */
  public ImageBuilder command(String... words) {
    command = List.of(words);
    return this;
  }

  /** Adds a layer with an executable file at the root, compressed by gzip. */
  public ImageBuilder program(String name, byte[] bytes) {
    return gzipLayer(archive(tar -> addFile(tar, name, bytes, 0755)));
  }

  /** Adds a layer of at least so many bytes, compressed by gzip. */
  public ImageBuilder gzipLayer(int randomBytes) {
    return gzipLayer(tar(randomBytes));
  }

  private ImageBuilder gzipLayer(byte[] tar) {
    return layer(
        tar,
        docker ? MediaType.DOCKER_LAYER : MediaType.OCI_LAYER + "+gzip",
        compressed(tar, out -> new GZIPOutputStream(out, 64 << 10)));
  }

  /** Adds a layer of at least so many bytes, compressed by zstd. */
  public ImageBuilder zstdLayer(int randomBytes) {
    byte[] tar = tar(randomBytes);
    return layer(tar, MediaType.OCI_LAYER + "+zstd", compressed(tar, ZstdOutputStream::new));
  }

  /** Adds a layer of at least so many bytes, not compressed. */
  public ImageBuilder plainLayer(int randomBytes) {
    byte[] tar = tar(randomBytes);
    return layer(tar, MediaType.OCI_LAYER, tar);
  }

  /** Adds a layer of so many bytes that do not compress, and hardly more, not compressed. */
  public ImageBuilder noiseLayer(int bytes) {
    byte[] tar = tar(bytes, 0);
    return layer(tar, MediaType.OCI_LAYER, tar);
  }

  /** Adds a layer that another image has. */
  public ImageBuilder sameLayers(ImageBuilder other) {
    layers.addAll(other.layers);
    diffIds.addAll(other.diffIds);
    return this;
  }

  /** The image. */
  public OciImage build() {
    String config =
        """
        {"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z","config":{"Labels":{"seed":"%d"}%s},\
        "rootfs":{"type":"layers","diff_ids":[%s]}}"""
            .formatted(
                architecture,
                random.nextLong(),
                command.isEmpty()
                    ? ""
                    : ",\"Entrypoint\":["
                        + command.stream().map(word -> '"' + word + '"').collect(joining())
                        + "]",
                diffIds.stream().map(id -> '"' + id.toString() + '"').collect(joining()));
    return manifest(json(docker ? MediaType.DOCKER_CONFIG : MediaType.OCI_CONFIG, config), "");
  }

  /** A manifest of an artifact: nothing but the empty configuration, and no layers. */
  public static OciImage artifact(long seed) {
    ImageBuilder builder = oci(seed).architecture("");
    return builder.manifest(
        json(MediaType.OCI_EMPTY, "{}"),
        ",\"artifactType\":\"application/vnd.example.test\",\"annotations\":{\"seed\":\"%d\"}"
            .formatted(seed));
  }

  /** One image for several processors, in the OCI's form or Docker's as its images are. */
  public static OciImage multiPlatform(OciImage... images) {
    boolean docker = images[0].root().mediaType().equals(MediaType.DOCKER_MANIFEST);
    String mediaType = docker ? MediaType.DOCKER_LIST : MediaType.OCI_INDEX;
    String manifests =
        Stream.of(images)
            .map(
                image ->
                    image
                        .root()
                        .descriptor(
                            ",\"platform\":{\"architecture\":\"%s\",\"os\":\"linux\"}"
                                .formatted(image.architecture())))
            .collect(joining());
    List<Content> contents = new ArrayList<>();
    Stream.of(images).forEach(image -> contents.addAll(image.contents()));
    contents.add(
        json(
            mediaType,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(mediaType, manifests)));
    return new OciImage("", contents);
  }

  private OciImage manifest(Content config, String more) {
    String mediaType = docker ? MediaType.DOCKER_MANIFEST : MediaType.OCI_MANIFEST;
    List<Content> contents = new ArrayList<>(layers);
    contents.add(config);
    contents.add(
        json(
            mediaType,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}"
                .formatted(
                    mediaType,
                    config.descriptor(),
                    layers.stream().map(Content::descriptor).collect(joining()),
                    more)));
    return new OciImage(architecture, contents);
  }

  private ImageBuilder layer(byte[] tar, String mediaType, byte[] compressed) {
    layers.add(new Content(mediaType, compressed));
    diffIds.add(Digest.sha256(tar));
    return this;
  }

  private byte[] tar(int randomBytes) {
    return tar(randomBytes, 1 + randomBytes / 4 / TEXT.length());
  }

  private byte[] tar(int randomBytes, int lines) {
    byte[] noise = new byte[randomBytes];
    random.nextBytes(noise);
    byte[] text = TEXT.repeat(lines).getBytes(StandardCharsets.UTF_8);
    String folder = Long.toHexString(random.nextLong());
    return archive(
        tar -> {
          addFile(tar, folder + "/noise", noise, TarArchiveEntry.DEFAULT_FILE_MODE);
          addFile(tar, folder + "/text", text, TarArchiveEntry.DEFAULT_FILE_MODE);
        });
  }

  @FunctionalInterface
  private interface Files {
    void add(TarArchiveOutputStream tar) throws IOException;
  }

  private static byte[] archive(Files files) {
    ByteArrayOutputStream sink = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(sink)) {
      files.add(tar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sink.toByteArray();
  }

  private static void addFile(TarArchiveOutputStream tar, String name, byte[] bytes, int mode)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(mode);
    entry.setSize(bytes.length);
    entry.setModTime(0L);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  @FunctionalInterface
  private interface Encoder {
    OutputStream open(OutputStream sink) throws IOException;
  }

  private static byte[] compressed(byte[] bytes, Encoder encoder) {
    ByteArrayOutputStream sink = new ByteArrayOutputStream(bytes.length);
    try (OutputStream out = encoder.open(sink)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sink.toByteArray();
  }

  private static Content json(String mediaType, String text) {
    return new Content(mediaType, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Collector<CharSequence, ?, String> joining() {
    return Collectors.joining(",");
  }
}
