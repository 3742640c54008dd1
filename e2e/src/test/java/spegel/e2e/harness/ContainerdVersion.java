package spegel.e2e.harness;

import java.nio.file.Path;

/** The containerds that the tests run. */
public enum ContainerdVersion {
  /** The pinned version 2 that {@code e2e/setup} builds. */
  V2,
  /** The distribution's own: 1.6 in Debian 12. */
  DISTRIBUTION;

  /** The path of one of its programs. */
  String program(String name) {
    return switch (this) {
      case V2 -> PinnedBuild.FOLDER.resolve(name).toString();
      case DISTRIBUTION -> name;
    };
  }

  /** Asked for once, and only when it is needed. */
  private static final class PinnedBuild {
    private static final Path FOLDER =
        Path.of(Command.run(Repository.file("e2e/setup")).orFail().lines().getLast());
  }
}
