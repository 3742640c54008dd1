package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The operations on the real file system, which notes every change of state of the backup that
 * would reach the disk before what it relies on: before it, all directories that were changed must
 * have been synced, but those of which the changes are of no account.
 */
final class SyncChecker implements FileOperations {
  private final FileOperations files = new DiskFiles();
  private final Path configPath;
  private final Set<Path> changed = new HashSet<>();
  private final List<String> unsynced = new ArrayList<>();
  private int commits;

  SyncChecker(Path configPath) {
    this.configPath = configPath;
  }

  List<String> unsynced() {
    return unsynced;
  }

  /** How often the backup changed its state by a rename or removal. */
  int commits() {
    return commits;
  }

  private void change(Path path) {
    changed.add(path.getParent());
  }

  private void commit(String what) {
    commits++;
    for (Path directory : changed) {
      // What was in these is deleted, and that their names are gone is told by the path above.
      if (!directory.startsWith(configPath.resolve("_old"))
          && !directory.startsWith(configPath.resolve("_new"))) {
        unsynced.add(what + " before " + directory);
      }
    }
  }

  @Override
  public Optional<PosixFileAttributes> attributes(Path path) throws IOException {
    return files.attributes(path);
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return files.list(directory);
  }

  @Override
  public byte[] read(Path file, int maxBytes) throws IOException {
    return files.read(file, maxBytes);
  }

  @Override
  public Path readLink(Path link) throws IOException {
    return files.readLink(link);
  }

  @Override
  public void createDirectory(Path directory, Set<PosixFilePermission> permissions)
      throws IOException {
    files.createDirectory(directory, permissions);
    change(directory);
  }

  @Override
  public void write(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    files.write(file, content, permissions);
    change(file);
  }

  @Override
  public void createLink(Path link, Path target) throws IOException {
    files.createLink(link, target);
    change(link);
  }

  @Override
  public void rename(Path source, Path target) throws IOException {
    boolean isState = source.toString().endsWith(BackupFolder.MOVING_NAME);
    boolean isPublished =
        source.startsWith(configPath.resolve("_new")) && configPath.equals(target.getParent());
    if (isState || target.toString().endsWith(BackupFolder.MOVING_NAME)) {
      commit(source + " to " + target);
    } else if (isPublished && changed.stream().anyMatch(path -> path.startsWith(source))) {
      unsynced.add(source + " to " + target);
    }
    files.rename(source, target);
    change(source);
    change(target);
  }

  @Override
  public void delete(Path path) throws IOException {
    if (path.toString().endsWith(BackupFolder.MOVING_NAME)) {
      commit("delete " + path);
    }
    files.delete(path);
    change(path);
    changed.removeIf(directory -> directory.startsWith(path));
  }

  @Override
  public void sync(Path directory) throws IOException {
    files.sync(directory);
    changed.remove(directory);
  }
}
