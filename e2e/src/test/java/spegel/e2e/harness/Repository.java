package spegel.e2e.harness;

import java.nio.file.Files;
import java.nio.file.Path;

/** The working copy that the tests run in. */
public final class Repository {
  private static final Path ROOT = root();

  private Repository() {}

  /** The absolute path of a file that lies at this path in the repository. */
  public static String file(String path) {
    return ROOT.resolve(path).toString();
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isExecutable(folder.resolve("e2e/setup"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new AssertionError("not within the repository: " + Path.of("").toAbsolutePath());
      }
    }
    return folder;
  }
}
