package spegel.store;

import java.util.Map;

/**
 * What a store has to share, by registry ({@code docker.io}).
 *
 * @param registries the counts of each registry; content that two registries hold counts for both
 */
public record StoreStatistics(Map<String, Counts> registries) {

  /**
   * The counts of one registry.
   *
   * @param tags tagged names
   * @param imageDigests digests that names point to
   * @param contentDigests all digests: indexes, manifests, configurations, layers
   */
  public record Counts(long tags, long imageDigests, long contentDigests) {}

  public StoreStatistics {
    registries = Map.copyOf(registries);
  }
}
