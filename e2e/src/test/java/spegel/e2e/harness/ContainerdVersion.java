package spegel.e2e.harness;

/** The containerds that the tests run. */
public enum ContainerdVersion {
  /** The pinned version 2 that {@code e2e/setup} builds. */
  V2,
  /** The distribution's own: 1.6 in Debian 12. */
  DISTRIBUTION;

  /** The path of one of its programs. */
  String program(String name) {
    return switch (this) {
      case V2 -> SetUp.folder("containerd").resolve(name).toString();
      case DISTRIBUTION -> name;
    };
  }
}
