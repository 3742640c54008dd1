package spegel.containerd;

import java.util.List;

/** Finds out whether containerd is configured so that a mirror can work. */
final class RuntimeCheck {
  private RuntimeCheck() {}

  static List<Finding> findings(
      ContainerdClient client, ContainerdOptions options, String version) {
    return List.of();
  }
}
