package spegel.app.command;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import spegel.app.command.CommandDefinition.Section;
import spegel.app.command.RegistryConfiguration.Bootstrap;
import spegel.app.command.RegistryConfiguration.Content;
import spegel.app.command.RegistryConfiguration.MirrorResolve;
import spegel.app.command.RegistryConfiguration.Store;
import spegel.containerd.ContainerdOptions;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.http.ListenAddress;
import spegel.mirror.VerifyBlobs;

/** The flags of {@code registry}. */
final class RegistryFlags {
  /**
   * Which store is served.
   *
   * @param layout the folder of an OCI image layout; null for containerd
   */
  private record StoreChoice(@Nullable Path layout) {
    private static final String OCI_LAYOUT = "oci-layout:";

    static StoreChoice parse(String text) {
      if (text.equals("containerd")) {
        return new StoreChoice(null);
      }
      if (text.startsWith(OCI_LAYOUT)) {
        return new StoreChoice(Values.path(text.substring(OCI_LAYOUT.length())));
      }
      throw new InvalidValueException("neither containerd nor oci-layout:DIR: \"" + text + "\"");
    }
  }

  private enum BootstrapKind {
    DNS,
    HTTP,
    STATIC
  }

  private static final Flag<ListenAddress> REGISTRY_ADDR =
      Flag.of(
          "registry-addr",
          "ADDR",
          ":5000",
          "Where containerd and other nodes fetch images.",
          Values::address);
  private static final Flag<ListenAddress> ROUTER_ADDR =
      Flag.of(
          "router-addr", "ADDR", ":5001", "Where other nodes' routers connect.", Values::address);
  private static final Flag<ListenAddress> METRICS_ADDR =
      Flag.of(
          "metrics-addr",
          "ADDR",
          ":9090",
          "Where metrics and diagnostics are served.",
          Values::address);

  private static final Flag<StoreChoice> STORE =
      Flag.of(
          "store",
          "STORE",
          "containerd",
          "Where the images are: containerd, or oci-layout:DIR for an OCI image layout.",
          StoreChoice::parse);
  private static final Flag<Path> CONTAINERD_SOCK =
      Flag.of(
          "containerd-sock",
          "PATH",
          "/run/containerd/containerd.sock",
          "The socket of containerd.",
          Values::path);
  private static final Flag<String> CONTAINERD_NAMESPACE =
      Flag.of(
          "containerd-namespace",
          "NAME",
          "k8s.io",
          "The namespace of containerd whose images are served.",
          text -> text);
  private static final Flag<@Nullable Path> CONTAINERD_CONTENT_PATH =
      new Flag<>(
          "containerd-content-path",
          Flag.Form.VALUE,
          "DIR",
          "/var/lib/containerd/io.containerd.content.v1.content",
          "containerd's folder of content. Empty: containerd is asked for it.",
          texts -> texts.getLast().isEmpty() ? null : Values.path(texts.getLast()));
  private static final Flag<@Nullable Path> DATA_DIR =
      Flag.optional(
          "data-dir",
          "DIR",
          "Where this node keeps its identity. Empty: in memory, and new at each start.",
          Values::path);

  private static final Flag<List<MirroredRegistry>> MIRRORED_REGISTRIES =
      Flag.list(
          "mirrored-registries",
          "URL",
          "Only images of these registries are advertised and served, such as https://docker.io."
              + " Empty: all.",
          Values::mirroredRegistry);
  private static final Flag<List<String>> REGISTRY_FILTERS =
      Flag.list(
          "registry-filters",
          "REGEX",
          "Images in whose name, registry/repository:tag, one of these patterns (RE2 syntax) is"
              + " found are neither advertised nor served.",
          Values::pattern);
  private static final Flag<Duration> MIRROR_RESOLVE_TIMEOUT =
      Flag.of(
          "mirror-resolve-timeout",
          "DURATION",
          "20ms",
          "How long to wait for a first node that has what is asked for; up to ten times longer while"
              + " the search goes on.",
          Values::positiveDuration);
  private static final Flag<Integer> MIRROR_RESOLVE_RETRIES =
      Flag.of(
          "mirror-resolve-retries",
          "COUNT",
          "3",
          "How many nodes to try before containerd is sent upstream.",
          Values.number(0, 100));

  private static final Flag<VerifyBlobs> VERIFY_BLOBS =
      Flag.of(
          "verify-blobs",
          "WHEN",
          "suspicion",
          "When blobs of other nodes are hashed before they are passed on: on suspicion, always (a"
              + " second transfer for each), or never. containerd verifies them in any case.",
          Values.oneOf(VerifyBlobs.class));

  private static final Flag<@Nullable BootstrapKind> BOOTSTRAP_KIND =
      Flag.optional(
          "bootstrap-kind",
          "KIND",
          "How to find the first nodes: dns, http or static. Empty: this node works alone.",
          Values.oneOf(BootstrapKind.class));
  private static final Flag<@Nullable String> DNS_BOOTSTRAP_DOMAIN =
      Flag.optional(
          "dns-bootstrap-domain",
          "NAME",
          "dns: a name that resolves to the addresses of the nodes.",
          Values::domain);
  private static final Flag<@Nullable ListenAddress> HTTP_BOOTSTRAP_ADDR =
      Flag.optional(
          "http-bootstrap-addr",
          "ADDR",
          "http: where this node tells its own address.",
          Values::address);
  private static final Flag<@Nullable URI> HTTP_BOOTSTRAP_URL =
      Flag.optional(
          "http-bootstrap-url",
          "URL",
          "http: the full URL to ask for a node's address.",
          Values::httpUrl);
  private static final Flag<@Nullable URI> HTTP_BOOTSTRAP_PEER =
      Flag.optional(
          "http-bootstrap-peer",
          "URL",
          "http: older form of --http-bootstrap-url, to which /id is appended.",
          Values::httpUrl);
  private static final Flag<@Nullable Path> HTTP_BOOTSTRAP_CERT_DIR =
      Flag.optional(
          "http-bootstrap-cert-dir",
          "DIR",
          "http: a folder with ca.crt, tls.crt and tls.key, for mutual TLS.",
          Values::path);
  private static final Flag<List<String>> STATIC_BOOTSTRAP_PEERS =
      Flag.list(
          "static-bootstrap-peers",
          "MULTIADDR",
          "static: the nodes, such as /ip4/10.0.0.1/tcp/5001/p2p/ID.",
          Values::multiaddr);

  private static final Flag<Boolean> DEBUG_WEB_ENABLED =
      Flag.toggle(
          "debug-web-enabled", true, "Serve diagnostics under /debug/ of the metrics address.");

  static final List<Section> SECTIONS =
      List.of(
          new Section("Addresses", List.of(REGISTRY_ADDR, ROUTER_ADDR, METRICS_ADDR)),
          new Section(
              "Images",
              List.of(
                  STORE,
                  CONTAINERD_SOCK,
                  CONTAINERD_NAMESPACE,
                  CONTAINERD_CONTENT_PATH,
                  MIRRORED_REGISTRIES,
                  REGISTRY_FILTERS)),
          new Section(
              "Other nodes",
              List.of(
                  BOOTSTRAP_KIND,
                  DNS_BOOTSTRAP_DOMAIN,
                  HTTP_BOOTSTRAP_ADDR,
                  HTTP_BOOTSTRAP_URL,
                  HTTP_BOOTSTRAP_PEER,
                  HTTP_BOOTSTRAP_CERT_DIR,
                  STATIC_BOOTSTRAP_PEERS,
                  MIRROR_RESOLVE_TIMEOUT,
                  MIRROR_RESOLVE_RETRIES,
                  VERIFY_BLOBS,
                  DATA_DIR)),
          new Section("Diagnostics", List.of(DEBUG_WEB_ENABLED)));

  private RegistryFlags() {}

  static RegistryConfiguration configure(FlagValues values) {
    return new RegistryConfiguration(
        values.get(REGISTRY_ADDR),
        values.get(METRICS_ADDR),
        values.get(ROUTER_ADDR),
        store(values),
        new Content(values.get(MIRRORED_REGISTRIES), values.get(REGISTRY_FILTERS)),
        new MirrorResolve(
            values.get(MIRROR_RESOLVE_TIMEOUT),
            values.get(MIRROR_RESOLVE_RETRIES),
            values.get(VERIFY_BLOBS)),
        bootstrap(values),
        values.get(DATA_DIR),
        values.get(DEBUG_WEB_ENABLED));
  }

  private static Store store(FlagValues values) {
    Store containerd = new Store.Containerd(containerd(values));
    Path layout = values.get(STORE).layout();
    return layout == null ? containerd : new Store.OciLayout(layout);
  }

  private static ContainerdOptions containerd(FlagValues values) {
    try {
      return new ContainerdOptions(
          values.get(CONTAINERD_SOCK),
          values.get(CONTAINERD_NAMESPACE),
          values.get(CONTAINERD_CONTENT_PATH),
          ContainerdOptions.DEFAULT_REGISTRY_CONFIG_PATH,
          ContainerdOptions.DEFAULT_CONFIG_FILE);
    } catch (IllegalArgumentException e) {
      throw new InvalidArgumentsException(
          Objects.requireNonNullElse(e.getMessage(), "the flags of containerd are wrong"));
    }
  }

  private static Bootstrap bootstrap(FlagValues values) {
    // All are read, so that a wrong value is told even where its kind is not in use.
    String domain = values.get(DNS_BOOTSTRAP_DOMAIN);
    ListenAddress address = values.get(HTTP_BOOTSTRAP_ADDR);
    URI url = bootstrapUrl(values);
    Path certificates = values.get(HTTP_BOOTSTRAP_CERT_DIR);
    List<String> peers = values.get(STATIC_BOOTSTRAP_PEERS);
    BootstrapKind kind = values.get(BOOTSTRAP_KIND);
    if (kind == null) {
      return new Bootstrap.Alone();
    }
    return switch (kind) {
      case DNS -> new Bootstrap.Dns(needed(domain, "dns", "--dns-bootstrap-domain"));
      case HTTP ->
          new Bootstrap.Http(
              address,
              needed(url, "http", "--http-bootstrap-url"),
              certificates,
              values.get(HTTP_BOOTSTRAP_PEER) != null);
      case STATIC ->
          new Bootstrap.Static(
              needed(peers.isEmpty() ? null : peers, "static", "--static-bootstrap-peers"));
    };
  }

  private static @Nullable URI bootstrapUrl(FlagValues values) {
    URI url = values.get(HTTP_BOOTSTRAP_URL);
    URI base = values.get(HTTP_BOOTSTRAP_PEER);
    if (url != null && base != null) {
      throw new InvalidArgumentsException(
          "--http-bootstrap-url and --http-bootstrap-peer: only one of them may be given");
    }
    if (base == null) {
      return url;
    }
    String text = base.toString();
    return URI.create(text + (text.endsWith("/") ? "id" : "/id"));
  }

  private static <T> T needed(@Nullable T value, String kind, String option) {
    if (value == null) {
      throw new InvalidArgumentsException("--bootstrap-kind " + kind + " needs " + option);
    }
    return value;
  }
}
