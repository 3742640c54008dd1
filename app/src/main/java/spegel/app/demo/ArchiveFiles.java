package spegel.app.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import spegel.oci.Descriptor;

/**
 * The files of an archive, brought into a layout by their digests. Their names are kept as names:
 * no path of this machine is ever made of one.
 */
final class ArchiveFiles {
  static final int MAX_ENTRIES = 20_000;
  static final long MAX_TOTAL_BYTES = 32L << 30;

  private static final int MAX_LINKS = 8;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Layout layout;
  private final Map<String, Descriptor> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();

  private ArchiveFiles(Layout layout) {
    this.layout = layout;
  }

  /**
   * Reads all of a tar archive, compressed with gzip or not.
   *
   * @throws IOException when it is no such archive, is damaged, or has more than the bounds allow
   */
  static ArchiveFiles read(Path archive, Layout layout) throws IOException {
    ArchiveFiles files = new ArchiveFiles(layout);
    try (InputStream in = decompressed(archive)) {
      files.read(new TarReader(in));
    }
    return files;
  }

  private static InputStream decompressed(Path archive) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(archive), BUFFER_BYTES);
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip ? new BufferedInputStream(new GZIPInputStream(in, BUFFER_BYTES), BUFFER_BYTES) : in;
  }

  private void read(TarReader tar) throws IOException {
    long totalBytes = 0;
    int entries = 0;
    TarReader.@Nullable Entry entry = tar.next();
    while (entry != null) {
      totalBytes += entry.size();
      if (++entries > MAX_ENTRIES || totalBytes > MAX_TOTAL_BYTES || totalBytes < 0) {
        throw new IOException(
            "more than %d entries or %s".formatted(MAX_ENTRIES, Figures.bytes(MAX_TOTAL_BYTES)));
      }
      String name = normalized("", entry.name());
      switch (entry.kind()) {
        case FILE -> files.put(name, layout.add(Descriptor.UNKNOWN_MEDIA_TYPE, tar.content()));
        case LINK -> links.put(name, normalized(folder(name), entry.target()));
        case OTHER -> {} // Folders, mostly.
      }
      entry = tar.next();
    }
  }

  /** The file of this name; empty when there is none. */
  Optional<Descriptor> find(String name) {
    String at = normalized("", name);
    for (int i = 0; i < MAX_LINKS && links.containsKey(at); i++) {
      at = links.getOrDefault(at, at);
    }
    return Optional.ofNullable(files.get(at));
  }

  private static String folder(String name) {
    return name.substring(0, name.lastIndexOf('/') + 1);
  }

  /** The name without dots: {@code a/../b/./c} is {@code b/c}. One that leads out names nothing. */
  private static String normalized(String folder, String name) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : (folder + name).split("/", -1)) {
      if (part.equals("..")) {
        if (parts.pollLast() == null) {
          return "";
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }
}
