package spegel.containerd;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import spegel.oci.OciFormatException;
import spegel.oci.Repository;

/**
 * The labels by which containerd remembers where it has pulled content from: {@code
 * containerd.io/distribution.source.docker.io = library/nginx,library/alpine}.
 */
final class SourceLabels {
  static final String PREFIX = "containerd.io/distribution.source.";

  /** Repositories of one blob that are taken note of. */
  static final int MAX_SOURCES = 64;

  private SourceLabels() {}

  /** The repositories that are named; a malformed one is left out. */
  static Set<Repository> sources(Map<String, String> labels) {
    Set<Repository> sources = new LinkedHashSet<>();
    labels.forEach(
        (key, paths) -> {
          if (key.startsWith(PREFIX)) {
            String registry = key.substring(PREFIX.length());
            for (String path : paths.split(",", MAX_SOURCES + 1)) {
              add(sources, registry, path);
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
