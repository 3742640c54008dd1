package spegel.e2e.kubernetes;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import spegel.e2e.harness.ChildProcess;
import spegel.e2e.harness.DockerRegistry;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.TextFile;

/**
 * The registries that a cluster pulls from, in one network whose traffic is counted: what is pushed
 * over plain HTTP the nodes see by TLS, under names of the internet; a second one asks for a
 * password.
 */
final class UpstreamRegistries implements AutoCloseable {
  /** Whom nodes take the registries for. */
  static final List<String> NAMES =
      List.of("ghcr.io", "docker.io", "registry-1.docker.io", "registry.test", "private.test");

  /** The registry that asks for a password. */
  static final String PRIVATE = "private.test:8443";

  static final String USER = "reader";
  static final String PASSWORD = "secret";

  /** Of {@link #PASSWORD}, by bcrypt, which is all that the registry knows. */
  private static final String PASSWORD_HASH =
      "$2b$04$UsgdTVqcvMiLc2FtFemUGOTkEIPz26OlvMwOGDViV.gGpikOUc3tq";

  private final NetworkNamespace network;
  private final DockerRegistry plain;
  private final Deque<ChildProcess> processes = new ArrayDeque<>();
  private final Path folder = RunFolder.current().newFolder("upstream");

  UpstreamRegistries(NetworkNamespace network, Certificates certificates) {
    this.network = network;
    this.plain = DockerRegistry.start(network);
    certificates.sign("registry", "DNS:" + String.join(",DNS:", NAMES));
    serve("public", 443, certificates, "");
    write("htpasswd", USER + ":" + PASSWORD_HASH + "\n");
    serve(
        "private",
        8443,
        certificates,
        """
        auth:
          htpasswd:
            realm: tests
            path: %s
        """
            .formatted(folder.resolve("htpasswd")));
  }

  private void serve(String name, int port, Certificates certificates, String more) {
    write(
        name + ".yml",
        DockerRegistry.configuration(
            plain.data(),
            network.address() + ":" + port,
            """
              tls:
                certificate: %s
                key: %s
            %s"""
                .formatted(
                    certificates.certificate("registry"), certificates.key("registry"), more)));
    processes.push(
        ChildProcess.start(
            "docker-registry " + name,
            folder.resolve(name + ".log"),
            Map.of("OTEL_TRACES_EXPORTER", "none"),
            network.wrap(
                List.of("docker-registry", "serve", folder.resolve(name + ".yml").toString()))));
  }

  /** Where images and charts are pushed to, over plain HTTP. */
  DockerRegistry registry() {
    return plain;
  }

  /** The same as host and port. */
  String authority() {
    URI url = plain.url();
    return url.getHost() + ":" + url.getPort();
  }

  NetworkNamespace network() {
    return network;
  }

  private void write(String name, String text) {
    TextFile.write(folder.resolve(name), text);
  }

  @Override
  public void close() {
    processes.forEach(ChildProcess::close);
    plain.close();
  }
}
