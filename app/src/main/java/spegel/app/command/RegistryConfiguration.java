package spegel.app.command;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import spegel.containerd.ContainerdOptions;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.http.ListenAddress;
import spegel.mirror.VerifyBlobs;

/**
 * Of the command {@code registry}.
 *
 * @param registryAddress where containerd and peers ask
 * @param metricsAddress where metrics and diagnostics are served
 * @param routerAddress where other nodes' routers connect
 * @param store what is served
 * @param content which of it
 * @param mirrorResolve how content is had from peers
 * @param bootstrap how the first peers are found
 * @param dataDirectory where the node's identity is kept; null to keep it in memory
 * @param debugWebEnabled whether diagnostics are served beside the metrics
 */
public record RegistryConfiguration(
    ListenAddress registryAddress,
    ListenAddress metricsAddress,
    ListenAddress routerAddress,
    Store store,
    Content content,
    MirrorResolve mirrorResolve,
    Bootstrap bootstrap,
    @Nullable Path dataDirectory,
    boolean debugWebEnabled)
    implements CommandConfiguration {

  /** Where images are. */
  public sealed interface Store {

    /**
     * A containerd on this node.
     *
     * @param options where it is, and which part of it is served
     */
    record Containerd(ContainerdOptions options) implements Store {}

    /**
     * An OCI image layout.
     *
     * @param directory the folder that has the file {@code oci-layout}
     */
    record OciLayout(Path directory) implements Store {}
  }

  /**
   * Which images are advertised and served.
   *
   * @param mirroredRegistries only these registries' images; empty for all
   * @param registryFilters patterns in RE2 syntax; names in which one is found are left out
   */
  public record Content(List<MirroredRegistry> mirroredRegistries, List<String> registryFilters) {
    public Content {
      mirroredRegistries = List.copyOf(mirroredRegistries);
      registryFilters = List.copyOf(registryFilters);
    }
  }

  /**
   * What is done about content that this node has not.
   *
   * @param timeout the wait for a first peer that has it, positive
   * @param retries how many peers are tried, 0 or more
   * @param verifyBlobs when peers' blobs are hashed before they are passed on
   */
  public record MirrorResolve(Duration timeout, int retries, VerifyBlobs verifyBlobs) {}

  /** How the first peers are found. */
  public sealed interface Bootstrap {

    /** Not at all: the node works alone. */
    record Alone() implements Bootstrap {}

    /**
     * By a name that resolves to the peers' addresses.
     *
     * @param domain the name
     */
    record Dns(String domain) implements Bootstrap {}

    /**
     * By asking an HTTP endpoint, and being one.
     *
     * @param address where this node answers; null when it does not
     * @param url what to ask
     * @param certificateDirectory files for TLS; null for none
     * @param answersBare whether this node's answer is a bare object, as old releases read it,
     *     instead of an array
     */
    record Http(
        @Nullable ListenAddress address,
        URI url,
        @Nullable Path certificateDirectory,
        boolean answersBare)
        implements Bootstrap {}

    /**
     * By a fixed list.
     *
     * @param peers multiaddresses, at least one
     */
    record Static(List<String> peers) implements Bootstrap {
      public Static {
        peers = List.copyOf(peers);
      }
    }
  }
}
