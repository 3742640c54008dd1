package spegel.containerd;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a containerd is, and which part of it is ours.
 *
 * @param socket its unix socket
 * @param namespace containerd's namespace whose images are served, {@code k8s.io} on a Kubernetes
 *     node
 * @param contentPath the directory of its content store as this process sees it; null to ask
 *     containerd
 * @param registryConfigPath where the mirror configuration is written, which containerd has to name
 *     as its registry {@code config_path}
 * @param configFile containerd's own configuration as this process sees it, to be checked; need not
 *     be there
 */
public record ContainerdOptions(
    Path socket,
    String namespace,
    @Nullable Path contentPath,
    Path registryConfigPath,
    Path configFile) {
  public static final Path DEFAULT_SOCKET = Path.of("/run/containerd/containerd.sock");
  public static final String DEFAULT_NAMESPACE = "k8s.io";
  public static final Path DEFAULT_CONTENT_PATH =
      Path.of("/var/lib/containerd/io.containerd.content.v1.content");
  public static final Path DEFAULT_REGISTRY_CONFIG_PATH = Path.of("/etc/containerd/certs.d");
  public static final Path DEFAULT_CONFIG_FILE = Path.of("/etc/containerd/config.toml");

  /** sun_path of unix(7) holds 108 bytes, the last of them zero. */
  private static final int MAX_SOCKET_BYTES = 107;

  /** The limit of containerd's own identifiers. */
  private static final int MAX_NAMESPACE_CHARS = 76;

  public ContainerdOptions {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_BYTES) {
      throw new IllegalArgumentException(
          "containerd socket: more than " + MAX_SOCKET_BYTES + " bytes: " + socket);
    }
    if (namespace.length() > MAX_NAMESPACE_CHARS
        || !namespace.matches("[A-Za-z0-9]+([-._]?[A-Za-z0-9])*")) {
      throw new IllegalArgumentException(
          "containerd namespace: not letters and digits joined by one of - . _, at most "
              + MAX_NAMESPACE_CHARS
              + " characters: "
              + namespace);
    }
  }

  /** The places that a containerd has when nobody configured it. */
  public static ContainerdOptions defaults() {
    return new ContainerdOptions(
        DEFAULT_SOCKET,
        DEFAULT_NAMESPACE,
        DEFAULT_CONTENT_PATH,
        DEFAULT_REGISTRY_CONFIG_PATH,
        DEFAULT_CONFIG_FILE);
  }
}
