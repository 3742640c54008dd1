package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Optional;

/**
 * The user's files by the paths that they had before they were moved aside, wherever they are now.
 * Links are followed as they led then: a relative link leads elsewhere from within the backup.
 */
final class OriginalFiles {
  /** As Linux has it (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private final FileOperations files;
  private final Path configPath;
  private final List<Path> locations;

  /** The files under a registry config path of which the entries are in {@code locations} now. */
  OriginalFiles(FileOperations files, Path configPath, List<Path> locations) {
    this.files = files;
    this.configPath = configPath;
    this.locations = locations;
  }

  /**
   * The path of the same file with all links followed, or empty when nothing was at the path.
   *
   * @param original an absolute path
   * @throws FileSystemException when a link leads nowhere, perhaps only as seen from here
   */
  Optional<Path> follow(Path original) throws IOException {
    if (attributes(original).isEmpty()) {
      return Optional.empty();
    }
    Path path = original;
    for (int links = 0; links <= MAX_LINKS; links++) {
      Optional<Path> link = firstLink(path);
      if (link.isPresent()) {
        path = followed(path, link.get());
      } else if (attributes(path).isPresent()) {
        return Optional.of(path);
      } else {
        throw new FileSystemException(
            original.toString(), path.toString(), "leads to what cannot be seen from here");
      }
    }
    throw new FileSystemException(original.toString(), null, "too many levels of links");
  }

  /** The attributes of what was at a path, of a link itself, or empty when nothing was. */
  Optional<PosixFileAttributes> attributes(Path original) throws IOException {
    return files.attributes(now(original));
  }

  /** Where an entry at a path is now, no link followed. */
  Path now(Path original) throws IOException {
    if (!original.startsWith(configPath) || original.equals(configPath)) {
      return original;
    }
    Path relative = configPath.relativize(original);
    for (Path location : locations) {
      if (files.attributes(location.resolve(relative.getName(0))).isPresent()) {
        return location.resolve(relative);
      }
    }
    return locations.getFirst().resolve(relative);
  }

  private Optional<Path> firstLink(Path original) throws IOException {
    Path prefix = original.getRoot();
    for (Path name : original) {
      prefix = prefix == null ? name : prefix.resolve(name);
      Optional<PosixFileAttributes> attributes = attributes(prefix);
      if (attributes.isEmpty()) {
        return Optional.empty();
      }
      if (attributes.get().isSymbolicLink()) {
        return Optional.of(prefix);
      }
    }
    return Optional.empty();
  }

  private Path followed(Path path, Path link) throws IOException {
    Path target = link.resolveSibling(files.readLink(now(link))).normalize();
    return target.resolve(link.relativize(path)).normalize();
  }
}
