package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All entries of the registry config path but the backup: they are ours, once the backup is
 * complete. containerd may read at any moment, so a folder is written elsewhere and then renamed
 * into place, and one that has to go is renamed away before it is deleted.
 */
final class OwnFolders {
  /** No name of these can be a registry's: no host begins with an underscore. */
  private static final String NEW_NAME = "_new";

  private static final String OLD_NAME = "_old";

  /** Deeper than any folder that is written here. */
  private static final int MAX_DEPTH = 64;

  private final FileOperations files;
  private final Path configPath;
  private final BackupFolder backup;
  private final Path newFolders;
  private final Path oldFolders;

  OwnFolders(FileOperations files, Path configPath, BackupFolder backup) {
    this.files = files;
    this.configPath = configPath;
    this.backup = backup;
    this.newFolders = configPath.resolve(NEW_NAME);
    this.oldFolders = configPath.resolve(OLD_NAME);
  }

  /** Puts folders in the place of all that is there. */
  void replace(List<StagedFolder> folders) throws IOException {
    recreate(newFolders);
    recreate(oldFolders);
    OriginalFiles originals = new OriginalFiles(files, configPath, backup.locations());
    for (StagedFolder folder : folders) {
      folder.write(files, originals, newFolders.resolve(folder.name()));
    }
    files.sync(newFolders);
    for (StagedFolder folder : folders) {
      discard(configPath.resolve(folder.name()));
      files.rename(newFolders.resolve(folder.name()), configPath.resolve(folder.name()));
    }
    discardAllBut(folders.stream().map(StagedFolder::name).collect(Collectors.toSet()));
  }

  /** Removes all that is there, durably. */
  void clear() throws IOException {
    recreate(oldFolders);
    discardAllBut(Set.of());
  }

  private void discardAllBut(Set<String> names) throws IOException {
    for (Path entry : files.list(configPath)) {
      if (!backup.holds(entry)
          && !entry.equals(oldFolders)
          && !names.contains(entry.getFileName().toString())) {
        discard(entry);
      }
    }
    files.sync(configPath);
    deleteTree(oldFolders, 0);
    files.sync(configPath);
  }

  private void discard(Path entry) throws IOException {
    if (files.attributes(entry).isPresent()) {
      files.rename(entry, oldFolders.resolve(entry.getFileName()));
    }
  }

  private void recreate(Path folder) throws IOException {
    deleteTree(folder, 0);
    files.createDirectory(folder, Permissions.DIRECTORY);
  }

  private void deleteTree(Path path, int depth) throws IOException {
    Optional<PosixFileAttributes> attributes = files.attributes(path);
    if (attributes.isEmpty()) {
      return;
    }
    if (depth > MAX_DEPTH) {
      throw new FileSystemException(path.toString(), null, "is too deep to be deleted");
    }
    if (attributes.get().isDirectory()) {
      for (Path entry : files.list(path)) {
        deleteTree(entry, depth + 1);
      }
    }
    files.delete(path);
  }
}
