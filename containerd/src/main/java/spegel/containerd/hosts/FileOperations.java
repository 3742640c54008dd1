package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The file operations that the mirror configuration is made of. Each one that writes is a single
 * step: it happens or it does not, except {@link #write}, which may leave a part of the file.
 */
interface FileOperations {
  /** The attributes of what is at a path, of a link itself, or none when there is nothing. */
  Optional<PosixFileAttributes> attributes(Path path) throws IOException;

  /** What is in a directory, in the order of names. */
  List<Path> list(Path directory) throws IOException;

  /** The content of a file; fails when it is longer than {@code maxBytes}. */
  byte[] read(Path file, int maxBytes) throws IOException;

  Path readLink(Path link) throws IOException;

  void createDirectory(Path directory, Set<PosixFilePermission> permissions) throws IOException;

  /** Creates a file that does not exist yet, durable when this returns. */
  void write(Path file, byte[] content, Set<PosixFilePermission> permissions) throws IOException;

  void createLink(Path link, Path target) throws IOException;

  /** Renames; what is at the target's path, if a file, is replaced in the same step. */
  void rename(Path source, Path target) throws IOException;

  /** Deletes a file, a link or an empty directory. */
  void delete(Path path) throws IOException;

  /** Makes what was created, renamed or deleted in a directory durable. */
  void sync(Path directory) throws IOException;
}
