package spegel.containerd.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The operations on the file system of the node. */
final class DiskFiles implements FileOperations {
  /** More entries than any configuration has: a wrong path was given. */
  private static final int MAX_ENTRIES = 10_000;

  @Override
  public Optional<PosixFileAttributes> attributes(Path path) throws IOException {
    try {
      return Optional.of(
          Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      for (Path entry : stream) {
        if (entries.size() == MAX_ENTRIES) {
          throw new FileSystemException(
              directory.toString(), null, "has more than " + MAX_ENTRIES + " entries");
        }
        entries.add(entry);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    entries.sort(null);
    return entries;
  }

  @Override
  public byte[] read(Path file, int maxBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(maxBytes + 1);
      if (content.length > maxBytes) {
        throw new FileSystemException(
            file.toString(), null, "is longer than " + maxBytes + " bytes");
      }
      return content;
    }
  }

  @Override
  public Path readLink(Path link) throws IOException {
    return Files.readSymbolicLink(link);
  }

  @Override
  public void createDirectory(Path directory, Set<PosixFilePermission> permissions)
      throws IOException {
    Files.createDirectory(directory);
    Files.setPosixFilePermissions(directory, permissions);
  }

  @Override
  public void write(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      // Before the content, which may hold a password; independent of the process's umask.
      Files.setPosixFilePermissions(file, permissions);
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  @Override
  public void createLink(Path link, Path target) throws IOException {
    Files.createSymbolicLink(link, target);
  }

  @Override
  public void rename(Path source, Path target) throws IOException {
    Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.delete(path);
  }

  @Override
  public void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
