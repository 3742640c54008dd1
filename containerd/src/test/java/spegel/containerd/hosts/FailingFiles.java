package spegel.containerd.hosts;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The operations on the real file system, of which one fails: the n-th. Either it alone throws an
 * {@link IOException}, or the process dies there: that operation and all after it do not happen.
 */
final class FailingFiles implements FileOperations {
  enum Failure {
    EXCEPTION,
    DEATH,
    DEATH_AFTER
  }

  /** The process is no more. Not an exception that anything may catch. */
  static final class Died extends Error {
    private static final long serialVersionUID = 1L;
  }

  private interface Operation<T> {
    T run() throws IOException;
  }

  private final FileOperations files = new DiskFiles();
  private final int failing;
  private final Failure failure;
  private int operations;

  FailingFiles(int failing, Failure failure) {
    this.failing = failing;
    this.failure = failure;
  }

  /** How many operations were asked for. */
  int operations() {
    return operations;
  }

  /** A death while reading leaves what a death at the write before leaves: only failures count. */
  private <T> T read(Operation<T> operation) throws IOException {
    return failure == Failure.EXCEPTION || operations > failing ? run(operation) : operation.run();
  }

  private <T> T run(Operation<T> operation) throws IOException {
    int number = operations++;
    if (number == failing && failure == Failure.EXCEPTION) {
      throw new IOException("operation " + number + " fails");
    }
    if (number == failing && failure == Failure.DEATH_AFTER) {
      operation.run();
    }
    if (number >= failing && failure != Failure.EXCEPTION) {
      throw new Died();
    }
    return operation.run();
  }

  @Override
  public Optional<PosixFileAttributes> attributes(Path path) throws IOException {
    return read(() -> files.attributes(path));
  }

  @Override
  public List<Path> list(Path directory) throws IOException {
    return read(() -> files.list(directory));
  }

  @Override
  public byte[] read(Path file, int maxBytes) throws IOException {
    return read(() -> files.read(file, maxBytes));
  }

  @Override
  public Path readLink(Path link) throws IOException {
    return read(() -> files.readLink(link));
  }

  @Override
  public void createDirectory(Path directory, Set<PosixFilePermission> permissions)
      throws IOException {
    run(
        () -> {
          files.createDirectory(directory, permissions);
          return directory;
        });
  }

  /** Leaves a half of the file behind when it fails, as a full disk does. */
  @Override
  public void write(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    if (operations == failing && failure != Failure.DEATH_AFTER) {
      files.write(file, Arrays.copyOf(content, content.length / 2), permissions);
    }
    run(
        () -> {
          files.write(file, content, permissions);
          return file;
        });
  }

  @Override
  public void createLink(Path link, Path target) throws IOException {
    run(
        () -> {
          files.createLink(link, target);
          return link;
        });
  }

  @Override
  public void rename(Path source, Path target) throws IOException {
    run(
        () -> {
          files.rename(source, target);
          return target;
        });
  }

  @Override
  public void delete(Path path) throws IOException {
    run(
        () -> {
          files.delete(path);
          return path;
        });
  }

  @Override
  public void sync(Path directory) throws IOException {
    run(
        () -> {
          files.sync(directory);
          return directory;
        });
  }
}
