package spegel.containerd;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import spegel.oci.OciFormatException;
import spegel.oci.Repository;

/**
 * Reads the labels by which containerd remembers where it has pulled content from: {@code
 * containerd.io/distribution.source.docker.io = library/nginx,library/alpine}.
 *
 * <p>containerd leaves a registry's port out of them. So that {@code reg.local:5000} is not taken
 * for {@code reg.local}, which a filter may treat otherwise, the registries with a port that images
 * are named after are kept in mind. Used by one thread.
 */
final class SourceLabels {
  static final String PREFIX = "containerd.io/distribution.source.";

  /** Repositories of one blob that are taken note of. */
  static final int MAX_SOURCES = 64;

  /** Hosts whose ports are kept in mind; more than any cluster has registries. */
  static final int MAX_HOSTS = 1024;

  static final int MAX_PORTS_OF_HOST = 8;

  /** Host to registries, {@code host:port}, of images that are or were here. */
  private final Map<String, Set<String>> withPort = new HashMap<>();

  /** Takes note of a registry that an image is named after. */
  void note(Repository repository) {
    String registry = repository.registry();
    int colon = registry.lastIndexOf(':');
    if (colon < 0 || registry.endsWith("]")) {
      return;
    }
    String host = registry.substring(0, colon);
    if (withPort.size() < MAX_HOSTS || withPort.containsKey(host)) {
      Set<String> registries = withPort.computeIfAbsent(host, key -> new LinkedHashSet<>());
      if (registries.size() < MAX_PORTS_OF_HOST) {
        registries.add(registry);
      }
    }
  }

  /** The repositories that are named; a malformed one is left out. */
  Set<Repository> sources(Map<String, String> labels) {
    Set<Repository> sources = new LinkedHashSet<>();
    labels.forEach(
        (key, paths) -> {
          if (key.startsWith(PREFIX)) {
            String host = key.substring(PREFIX.length());
            for (String registry : withPort.getOrDefault(host, Set.of(host))) {
              for (String path : paths.split(",", MAX_SOURCES + 1)) {
                add(sources, registry, path);
              }
            }
          }
        });
    return sources;
  }

  private static void add(Set<Repository> sources, String registry, String path) {
    if (sources.size() < MAX_SOURCES) {
      try {
        sources.add(new Repository(registry, path));
      } catch (OciFormatException e) {
        // A label can be set by anyone with containerd's socket; there is nobody to tell.
      }
    }
  }
}
