package spegel.app.command;

import java.nio.file.Path;
import java.util.List;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.containerd.hosts.RegistryUrl;

/**
 * Of the command {@code configuration}: what containerd is told of its mirrors.
 *
 * @param configPath containerd's folder of mirror configuration
 * @param registries the registries to mirror; empty for all
 * @param targets the mirrors to ask, in order, at least one
 * @param resolveTags whether mirrors are asked for tags, or for digests only
 * @param prependExisting whether hosts that were configured before follow ours, or go
 */
public record MirrorConfiguration(
    Path configPath,
    List<MirroredRegistry> registries,
    List<RegistryUrl> targets,
    boolean resolveTags,
    boolean prependExisting)
    implements CommandConfiguration {
  public MirrorConfiguration {
    registries = List.copyOf(registries);
    targets = List.copyOf(targets);
    if (targets.isEmpty()) {
      throw new InvalidArgumentsException("--mirror-targets: at least one must be given");
    }
  }
}
