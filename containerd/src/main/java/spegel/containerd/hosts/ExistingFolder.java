package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user's folder for a registry: its {@code hosts.toml} and what is beside it.
 *
 * @param path where containerd found it
 * @param hosts what containerd knew by it
 * @param permissions those of its {@code hosts.toml}, or of a new file when it has none
 * @param entries what else is in it, a directory before its content
 */
record ExistingFolder(
    Path path, HostsFile hosts, Set<PosixFilePermission> permissions, List<Entry> entries) {
  private static final Logger log = LoggerFactory.getLogger(ExistingFolder.class);

  private static final String CERTIFICATE = ".cert";

  static final int MAX_ENTRIES = 1000;
  static final int MAX_FILE_BYTES = 1 << 20;
  static final int MAX_TOTAL_BYTES = 16 << 20;
  static final int MAX_DEPTH = 8;

  /**
   * A file, directory or link of the folder.
   *
   * @param relative its path in the folder
   * @param original its path with the links of the folder's own path followed
   */
  record Entry(Path relative, Path original, PosixFileAttributes attributes) {}

  /** Reads the folder that containerd would use for a registry, if the user has one. */
  static Optional<ExistingFolder> find(
      OriginalFiles originals, FileOperations files, Path configPath, MirroredRegistry registry)
      throws IOException {
    for (String name : registry.existingFolders()) {
      Path path = configPath.resolve(name);
      Optional<Path> folder = originals.follow(path);
      if (folder.isPresent()) {
        return Optional.of(new Reader(originals, files).read(path, folder.get()));
      }
    }
    return Optional.empty();
  }

  /**
   * The certificates that containerd takes from a folder without hosts, as keys: once there is a
   * file, it looks for them no more. A certificate without a key file has its key in it.
   */
  private static HostsFile certificates(List<Entry> entries) {
    Set<String> names =
        entries.stream()
            .filter(entry -> entry.relative().getNameCount() == 1)
            .filter(entry -> !entry.attributes().isDirectory())
            .map(entry -> entry.relative().toString())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    List<String> authorities = names.stream().filter(name -> name.endsWith(".crt")).toList();
    List<List<String>> clients =
        names.stream()
            .filter(name -> name.endsWith(CERTIFICATE))
            .map(name -> List.of(name, names.contains(key(name)) ? key(name) : name))
            .toList();
    Map<String, Object> keys = new LinkedHashMap<>();
    if (!authorities.isEmpty()) {
      keys.put("ca", authorities);
    }
    if (!clients.isEmpty()) {
      keys.put("client", clients);
    }
    return new HostsFile(keys);
  }

  private static String key(String certificate) {
    return certificate.substring(0, certificate.length() - CERTIFICATE.length()) + ".key";
  }

  private record Reader(OriginalFiles originals, FileOperations files) {
    ExistingFolder read(Path path, Path folder) throws IOException {
      if (!kind(folder).isDirectory()) {
        throw new FileSystemException(path.toString(), null, "is not a directory");
      }
      List<Entry> entries = new ArrayList<>();
      collect(entries, folder, Path.of(""), 0);
      HostsFile hosts = certificates(entries);
      Set<PosixFilePermission> permissions = Permissions.FILE;
      Optional<Path> file = originals.follow(folder.resolve(HostsFile.NAME));
      if (file.isPresent()) {
        permissions = kind(file.get()).permissions();
        byte[] content = content(file.get());
        // containerd takes an empty file as none.
        hosts =
            content.length == 0 ? hosts : HostsFile.parse(path.resolve(HostsFile.NAME), content);
      }
      return new ExistingFolder(path, hosts, permissions, List.copyOf(entries));
    }

    private byte[] content(Path file) throws IOException {
      if (!kind(file).isRegularFile()) {
        throw new FileSystemException(file.toString(), null, "is not a file");
      }
      return files.read(originals.now(file), HostsFile.MAX_BYTES);
    }

    private void collect(List<Entry> entries, Path directory, Path relative, int depth)
        throws IOException {
      for (Path file : files.list(originals.now(directory))) {
        Path name = file.getFileName();
        Path original = directory.resolve(name);
        Entry entry = new Entry(relative.resolve(name), original, kind(original));
        if (entry.relative().equals(Path.of(HostsFile.NAME))) {
          continue;
        }
        if (entry.attributes().isOther()) {
          log.atWarn()
              .addKeyValue("path", original)
              .log("left out of the mirror configuration: not a file, a directory or a link");
          continue;
        }
        entries.add(entry);
        requireBounds(entries, directory, depth);
        if (entry.attributes().isDirectory()) {
          collect(entries, original, entry.relative(), depth + 1);
        }
      }
    }

    private PosixFileAttributes kind(Path original) throws IOException {
      return originals
          .attributes(original)
          .orElseThrow(() -> new FileSystemException(original.toString(), null, "went away"));
    }
  }

  private static void requireBounds(List<Entry> entries, Path directory, int depth)
      throws IOException {
    PosixFileAttributes last = entries.getLast().attributes();
    long bytes =
        entries.stream()
            .filter(entry -> entry.attributes().isRegularFile())
            .mapToLong(entry -> entry.attributes().size())
            .sum();
    if (entries.size() > MAX_ENTRIES
        || depth > MAX_DEPTH
        || bytes > MAX_TOTAL_BYTES
        || (last.isRegularFile() && last.size() > MAX_FILE_BYTES)) {
      throw new FileSystemException(
          directory.toString(), null, "holds more than certificates: too many, too long, too deep");
    }
  }
}
