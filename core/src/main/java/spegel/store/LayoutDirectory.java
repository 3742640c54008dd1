package spegel.store;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import spegel.oci.Digest;
import spegel.oci.LayoutIndex;
import spegel.oci.Manifest;

/**
 * An OCI image layout on disk (OCI image specification, image-layout.md): {@code oci-layout},
 * {@code index.json} and {@code blobs/<algorithm>/<hex>}. Nothing outside of the directory is read:
 * a symbolic link that leads out is an error, a directory or pipe in a file's place is no content.
 */
final class LayoutDirectory implements BlobSource {
  private static final String LAYOUT_FILE = "oci-layout";
  private static final String INDEX_FILE = "index.json";
  private static final String BLOBS = "blobs";
  private static final int MAX_LAYOUT_FILE_BYTES = 4096;

  private final Path root;

  private LayoutDirectory(Path root) {
    this.root = root;
  }

  /**
   * Looks whether the directory is an image layout of version 1.
   *
   * @throws StoreException when it is not; the message says what is missing
   */
  static LayoutDirectory open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new StoreException("not an OCI image layout: there is no directory " + directory);
    }
    try {
      LayoutDirectory layout = new LayoutDirectory(directory.toRealPath());
      String version =
          version(layout.read(layout.root.resolve(LAYOUT_FILE), MAX_LAYOUT_FILE_BYTES));
      if (version == null || !version.startsWith("1.")) {
        throw new StoreException(
            "not an OCI image layout: %s in %s does not say imageLayoutVersion 1.x"
                .formatted(LAYOUT_FILE, directory));
      }
      return layout;
    } catch (NoSuchFileException e) {
      throw new StoreException(
          "not an OCI image layout: there is no file %s in %s".formatted(LAYOUT_FILE, directory),
          e);
    } catch (IOException e) {
      throw unreadable(directory, e);
    }
  }

  private static @Nullable String version(byte[] json) throws IOException {
    String version = null;
    try (JsonReader reader =
        new JsonReader(new StringReader(new String(json, StandardCharsets.UTF_8)))) {
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        return null;
      }
      reader.beginObject();
      while (reader.hasNext()) {
        boolean named = reader.nextName().equals("imageLayoutVersion");
        if (named && reader.peek() == JsonToken.STRING) {
          version = reader.nextString();
        } else {
          reader.skipValue();
        }
      }
    }
    return version;
  }

  Path root() {
    return root;
  }

  /** The directories whose changes matter, as far as they are there. */
  List<Path> watched() {
    Stream<Path> algorithms =
        Stream.of(Digest.Algorithm.values())
            .map(algorithm -> root.resolve(BLOBS).resolve(algorithm.prefix()));
    return Stream.concat(Stream.of(root, root.resolve(BLOBS)), algorithms)
        .filter(directory -> Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS))
        .toList();
  }

  /**
   * What the layout's index lists.
   *
   * @throws spegel.oci.OciFormatException when it is malformed, such as half written
   * @throws StoreException when it cannot be read
   */
  LayoutIndex index() {
    Path file = root.resolve(INDEX_FILE);
    try {
      return LayoutIndex.parse(read(file, Manifest.MAX_BYTES));
    } catch (NoSuchFileException e) {
      throw new StoreException("there is no file " + file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  @Override
  public OptionalLong size(Digest digest) {
    Path file = file(digest);
    try {
      return OptionalLong.of(Files.size(regularFile(file)));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  @Override
  public Optional<byte[]> manifest(Digest digest) {
    Path file = file(digest);
    try {
      byte[] bytes = read(file, Manifest.MAX_BYTES);
      return bytes.length > Manifest.MAX_BYTES ? Optional.empty() : Optional.of(bytes);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The blob, opened; empty when it is not here. */
  Optional<Blob> blob(Digest digest) {
    Path file = file(digest);
    try {
      FileChannel channel =
          FileChannel.open(regularFile(file), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      return Optional.of(new Blob.InFile(channel, size(channel)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static long size(FileChannel channel) throws IOException {
    try {
      return channel.size();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private Path file(Digest digest) {
    return root.resolve(BLOBS).resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  /** At most one byte more than allowed, so that the caller can tell. */
  private byte[] read(Path file, int maxBytes) throws IOException {
    try (InputStream input = Files.newInputStream(regularFile(file), LinkOption.NOFOLLOW_LINKS)) {
      return input.readNBytes(maxBytes + 1);
    }
  }

  /** The file's path without symbolic links. */
  private Path regularFile(Path file) throws IOException {
    Path real = file.toRealPath();
    if (!real.startsWith(root)) {
      throw new StoreException("leads out of the image layout: " + file);
    }
    if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString(), null, "not a regular file");
    }
    return real;
  }

  private static StoreException unreadable(Path file, IOException e) {
    return new StoreException("cannot be read: " + file + ": " + e, e);
  }
}
