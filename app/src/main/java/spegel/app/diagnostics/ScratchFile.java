package spegel.app.diagnostics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A temporary file that the JVM writes and a request reads; gone when closed. */
final class ScratchFile implements AutoCloseable {
  private final Path folder;
  private final Path path;

  private ScratchFile(Path folder, Path path) {
    this.folder = folder;
    this.path = path;
  }

  /**
   * A name in a new folder that only this user may look into; the file is not there yet.
   *
   * @throws IOException when there is no place for temporary files
   */
  static ScratchFile create(String name) throws IOException {
    Path folder = Files.createTempDirectory("spegel-");
    return new ScratchFile(folder, folder.resolve(name));
  }

  Path path() {
    return path;
  }

  /** Opens what was written; it stays readable after this is closed. */
  FileChannel open() throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
