package spegel.routing.bootstrap;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Finds peers by a name that resolves to their addresses, such as that of a headless Kubernetes
 * service. Whose addresses they are is seen when they are dialled.
 */
public final class DnsBootstrapper implements Bootstrapper {
  private final String domain;
  private final int port;
  private final NameResolver resolver;

  /**
   * @param domain the name, absolute or in the system's search path
   * @param port where all peers listen
   */
  public DnsBootstrapper(String domain, int port) {
    this(domain, port, NameResolver.system());
  }

  DnsBootstrapper(String domain, int port, NameResolver resolver) {
    this.domain = domain;
    this.port = port;
    this.resolver = resolver;
  }

  @Override
  public List<BootstrapPeer> peers() throws IOException {
    return resolver.resolve(domain, MAX_PEERS).stream()
        .map(ip -> new BootstrapPeer(Optional.empty(), List.of(new InetSocketAddress(ip, port))))
        .toList();
  }

  @Override
  public String toString() {
    return "dns " + domain;
  }
}
