package spegel.containerd.hosts;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where files are found after the user's entries were moved aside and the content of one folder was
 * copied into one of ours. What a link or a key of that folder names is named anew only when it is
 * no longer where it was: containerd refuses every pull from a registry of which it misses a
 * certificate.
 *
 * @param configPath the registry config path
 * @param saved the backup
 * @param original the folder that is copied, as it was
 * @param copy the folder of ours that it is copied into
 */
record Relocation(Path configPath, Path saved, Path original, Path copy) {

  /** What a link that is copied has to name, by what it named. */
  Path link(Path relative, Path target) {
    Path from = parent(original.resolve(relative));
    Path to = parent(copy.resolve(relative));
    Path now = relocated(from.resolve(target).normalize());
    if (to.resolve(target).normalize().equals(now)) {
      return target;
    }
    return target.isAbsolute() ? now : to.relativize(now);
  }

  /** What a key of the copied folder's file has to name, by what it named. */
  String key(String path) {
    if (path.isEmpty() || path.indexOf('\0') >= 0) {
      return path;
    }
    Path target = Path.of(path);
    Path now = relocated(original.resolve(target).normalize());
    return copy.resolve(target).normalize().equals(now) ? path : now.toString();
  }

  private Path relocated(Path path) {
    if (path.startsWith(original)) {
      return copy.resolve(original.relativize(path)).normalize();
    }
    return path.startsWith(configPath) && !path.equals(configPath)
        ? saved.resolve(configPath.relativize(path))
        : path;
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }
}
