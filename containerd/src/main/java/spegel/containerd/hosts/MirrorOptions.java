package spegel.containerd.hosts;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import spegel.auth.BasicCredentials;

/**
 * What is to be written for containerd.
 *
 * @param registries what is mirrored, each once, at most {@link #MAX_REGISTRIES}; all registries
 *     when none is named
 * @param targets the mirrors in the order in which they are tried, each once, 1 to {@link
 *     #MAX_TARGETS}
 * @param resolveTags whether mirrors are asked for tags, too, not only for digests
 * @param prependExisting whether the hosts that the user had follow ours
 * @param credentials what containerd shows to the mirrors, or null when they ask for nothing
 */
public record MirrorOptions(
    List<MirroredRegistry> registries,
    List<RegistryUrl> targets,
    boolean resolveTags,
    boolean prependExisting,
    @Nullable BasicCredentials credentials) {
  public static final int MAX_REGISTRIES = 1000;
  public static final int MAX_TARGETS = 100;

  public MirrorOptions {
    targets = List.copyOf(new LinkedHashSet<>(targets));
    if (targets.isEmpty()) {
      throw new RegistryFormatException("No mirror target is named");
    }
    if (targets.size() > MAX_TARGETS) {
      throw new RegistryFormatException("More than " + MAX_TARGETS + " mirror targets are named");
    }
    if (registries.size() > MAX_REGISTRIES) {
      throw new RegistryFormatException("More than " + MAX_REGISTRIES + " registries are named");
    }
    registries = registries.isEmpty() ? List.of(new MirroredRegistry.All()) : distinct(registries);
  }

  private static List<MirroredRegistry> distinct(List<MirroredRegistry> registries) {
    Map<String, MirroredRegistry> byFolder = new LinkedHashMap<>();
    for (MirroredRegistry registry : registries) {
      MirroredRegistry other = byFolder.putIfAbsent(registry.folder(), registry);
      if (other != null && !other.equals(registry)) {
        throw new RegistryFormatException(
            "The registry " + registry.folder() + " is named with http and with https");
      }
    }
    return List.copyOf(byFolder.values());
  }
}
