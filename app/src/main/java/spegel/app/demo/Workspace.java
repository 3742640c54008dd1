package spegel.app.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import spegel.app.command.CommandFailedException;

/** The temporary folder of a demo, which is gone with all that is in it when this is closed. */
final class Workspace implements AutoCloseable {
  private static final String CURE =
      " Choose another folder with JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIR.";

  private final Path folder;

  private Workspace(Path folder) {
    this.folder = folder;
  }

  static Workspace create() {
    try {
      return new Workspace(Files.createTempDirectory("spegel-demo-"));
    } catch (IOException e) {
      throw new CommandFailedException("no temporary folder: " + e + "." + CURE, e);
    }
  }

  Path folder() {
    return folder;
  }

  /**
   * Looks whether there is room.
   *
   * @throws CommandFailedException when there is not
   */
  void checkRoom(long bytes, String smaller) throws IOException {
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < bytes) {
      throw new CommandFailedException(
          "%s has room for %s, and the demo needs %s: the registry and each node have the image. %s"
                  .formatted(
                      folder.getParent(), Figures.bytes(usable), Figures.bytes(bytes), smaller)
              + CURE);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new CommandFailedException(
          "the temporary folder " + folder + " is not removed: " + e + ". Remove it.", e);
    }
  }
}
