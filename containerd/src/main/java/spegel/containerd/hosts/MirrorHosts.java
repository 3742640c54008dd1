package spegel.containerd.hosts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import spegel.auth.BasicCredentials;

/** The text of a {@code hosts.toml} that names the mirrors, and after them what the user had. */
final class MirrorHosts {
  /** A mirror that does not answer at once is not there: containerd goes on to the next host. */
  private static final String DIAL_TIMEOUT = "200ms";

  private final MirrorOptions options;

  MirrorHosts(MirrorOptions options) {
    this.options = options;
  }

  /** The file for a registry of which nothing of the user's is kept. */
  String text(MirroredRegistry registry) {
    List<String> blocks = new ArrayList<>();
    registry.server().ifPresent(server -> blocks.add(serverLine(server)));
    options.targets().forEach(target -> blocks.add(block(target)));
    return String.join("\n\n", blocks);
  }

  /**
   * The file for a registry of which the user's is kept: containerd tries our targets, then the
   * user's hosts, then the server. A server that the user named stays, because the keys at the top,
   * such as a header with a password, are meant for no other. A host of the user's that is one of
   * our targets is left out, because TOML has each table once.
   */
  String text(MirroredRegistry registry, HostsFile existing) {
    List<String> top = new ArrayList<>();
    Optional<String> server = existing.server().or(registry::server);
    server.ifPresent(name -> top.add(serverLine(name)));
    top.addAll(existing.serverLines());

    List<String> blocks = new ArrayList<>();
    if (!top.isEmpty()) {
      blocks.add(String.join("\n", top));
    }
    Map<String, String> hosts = existing.hostBlocks();
    for (RegistryUrl target : options.targets()) {
      blocks.add(block(target));
      hosts.remove(target.toString());
    }
    blocks.addAll(hosts.values());
    blocks.addAll(existing.serverBlocks());
    return String.join("\n\n", blocks);
  }

  private String block(RegistryUrl target) {
    String host = HostKeys.HOST + "." + TomlWriter.string(target.toString());
    StringBuilder block = new StringBuilder("[" + host + "]\n");
    block
        .append("capabilities = ")
        .append(options.resolveTags() ? "['pull', 'resolve']" : "['pull']");
    block.append("\ndial_timeout = ").append(TomlWriter.string(DIAL_TIMEOUT));
    BasicCredentials credentials = options.credentials();
    if (credentials != null) {
      block.append("\n[").append(host).append(".header]\nAuthorization = ");
      block.append(TomlWriter.string(credentials.headerValue()));
    }
    return block.toString();
  }

  private static String serverLine(String server) {
    return HostKeys.SERVER + " = " + TomlWriter.string(server);
  }
}
