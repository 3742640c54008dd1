package spegel.app.node;

import java.time.Instant;
import spegel.app.command.RegistryConfiguration;
import spegel.app.command.RegistryConfiguration.Bootstrap;
import spegel.app.command.RegistryConfiguration.Store;
import spegel.app.web.NodeFacts;
import spegel.app.web.NodeParts;
import spegel.app.web.WebRoutes;
import spegel.containerd.hosts.MirroredRegistry;
import spegel.http.HttpRoutes;

/** Makes the page about this node. */
final class Pages {
  private Pages() {}

  static HttpRoutes routes(
      RegistryConfiguration configuration, String agentVersion, NodeParts parts) {
    Instant started = Instant.now();
    // In a Pod, its name.
    String host = System.getenv().getOrDefault("HOSTNAME", "");
    return WebRoutes.of(
        () ->
            new NodeFacts(
                agentVersion,
                host,
                parts.router().id().toString(),
                parts.router().addresses().stream().map(Object::toString).toList(),
                configuration.registryAddress().toString(),
                configuration.routerAddress().toString(),
                store(configuration.store()),
                bootstrap(configuration.bootstrap()),
                configuration.content().mirroredRegistries().stream()
                    .map(MirroredRegistry::folder)
                    .toList(),
                configuration.content().registryFilters(),
                started),
        parts);
  }

  private static String store(Store store) {
    if (store instanceof Store.OciLayout(var directory)) {
      return "OCI layout " + directory;
    }
    var options = ((Store.Containerd) store).options();
    return "containerd " + options.socket() + ", namespace " + options.namespace();
  }

  // No switch over types: see Main.
  private static String bootstrap(Bootstrap bootstrap) {
    if (bootstrap instanceof Bootstrap.Dns) {
      return "dns";
    }
    if (bootstrap instanceof Bootstrap.Http) {
      return "http";
    }
    return bootstrap instanceof Bootstrap.Static ? "static" : "none";
  }
}
