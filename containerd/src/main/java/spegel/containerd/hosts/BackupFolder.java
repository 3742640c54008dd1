package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the user's entries of the registry config path are, and how they come there and back. At
 * every moment exactly one of three holds, and each is told by names alone:
 *
 * <pre>
 * state    _backup  _backup.moving  the user's entries are
 * PLAIN    no       no              all entries
 * MOVING   no       yes             all other entries, and those in _backup.moving
 * SAVED    yes      no              those in _backup; all other entries are ours
 *
 * PLAIN  ──mkdir──▶  MOVING  ──rename──▶  SAVED      moveAside
 * PLAIN  ◀──rmdir──  MOVING  ◀──rename──  SAVED      restore
 * </pre>
 *
 * Every transition is a single rename, mkdir or rmdir, and what it relies on is durable before it.
 * So a process that dies at any point leaves one of the three states, from which both ways lead on.
 */
final class BackupFolder {
  static final String NAME = "_backup";
  static final String MOVING_NAME = "_backup.moving";

  enum State {
    PLAIN,
    MOVING,
    SAVED
  }

  private final FileOperations files;
  private final Path configPath;
  private final Path saved;
  private final Path moving;

  BackupFolder(FileOperations files, Path configPath) {
    this.files = files;
    this.configPath = configPath;
    this.saved = configPath.resolve(NAME);
    this.moving = configPath.resolve(MOVING_NAME);
  }

  State state() throws IOException {
    boolean isSaved = isDirectory(saved);
    boolean isMoving = isDirectory(moving);
    if (isSaved && isMoving) {
      throw new FileSystemException(
          saved.toString(),
          moving.toString(),
          "both exist: which one holds the original configuration must be decided by hand");
    }
    return isSaved ? State.SAVED : isMoving ? State.MOVING : State.PLAIN;
  }

  /** The directories that hold the user's entries. */
  List<Path> locations() throws IOException {
    return switch (state()) {
      case PLAIN -> List.of(configPath);
      case MOVING -> List.of(moving, configPath);
      case SAVED -> List.of(saved);
    };
  }

  /** The backup as it is once it is complete. */
  Path saved() {
    return saved;
  }

  /** Whether an entry of the registry config path is the backup itself, in whichever state. */
  boolean holds(Path entry) {
    return entry.equals(saved) || entry.equals(moving);
  }

  /** Moves all entries to the backup, or what is not there yet. */
  void moveAside() throws IOException {
    State state = state();
    if (state == State.SAVED) {
      return;
    }
    if (state == State.PLAIN) {
      files.createDirectory(moving, Permissions.DIRECTORY);
    }
    moveEntries(configPath, moving);
    files.rename(moving, saved);
    files.sync(configPath);
  }

  /**
   * Moves the entries of the backup back, and removes it. What else is there must have been removed
   * before, and that must be durable.
   */
  void restore() throws IOException {
    State state = state();
    if (state == State.PLAIN) {
      return;
    }
    if (state == State.SAVED) {
      files.rename(saved, moving);
      files.sync(configPath);
    }
    moveEntries(moving, configPath);
    files.delete(moving);
    files.sync(configPath);
  }

  private void moveEntries(Path source, Path target) throws IOException {
    for (Path entry : files.list(source)) {
      if (holds(entry)) {
        continue;
      }
      Path moved = target.resolve(entry.getFileName());
      // A rename would replace a file: both were made by somebody, so somebody has to decide.
      if (files.attributes(moved).isPresent()) {
        throw new FileAlreadyExistsException(
            entry.toString(), moved.toString(), "both exist, one must be removed by hand");
      }
      files.rename(entry, moved);
    }
    files.sync(target);
    files.sync(source);
  }

  private boolean isDirectory(Path path) throws IOException {
    var attributes = files.attributes(path);
    if (attributes.isPresent() && !attributes.get().isDirectory()) {
      throw new FileSystemException(path.toString(), null, "is not a directory");
    }
    return attributes.isPresent();
  }
}
