package spegel.containerd.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is under a directory, as text to compare: each path with its kind, mode and content. */
final class FileTree {
  private FileTree() {}

  static Map<String, String> of(Path directory) throws IOException {
    Map<String, String> tree = new TreeMap<>();
    if (!Files.exists(directory)) {
      return tree;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      paths
          .filter(path -> !path.equals(directory))
          .forEach(path -> tree.put(directory.relativize(path).toString(), description(path)));
    }
    return tree;
  }

  /** Only the files, by their content. */
  static Map<String, String> files(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    of(directory)
        .forEach(
            (path, description) -> {
              if (description.startsWith("-")) {
                files.put(path, description.substring(description.indexOf(':') + 1));
              }
            });
    return files;
  }

  static void write(Path directory, Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
  }

  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> paths = Files.walk(directory)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }

  private static String description(Path path) {
    try {
      if (Files.isSymbolicLink(path)) {
        return "l:" + Files.readSymbolicLink(path);
      }
      String mode =
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
      return Files.isDirectory(path)
          ? "d" + mode
          : "-" + mode + ":" + Files.readString(path, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
