package spegel.oci;

/**
 * A repository of a registry, {@code docker.io/library/nginx} (the grammar of the distribution
 * specification, "Pulling manifests", and of Docker's reference package).
 *
 * @param registry host, or host:port, lower case
 * @param path the repository's name within the registry
 */
public record Repository(String registry, String path) {
  @Override
  public String toString() {
    return registry + "/" + path;
  }
}
