package spegel.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The distribution registry as an upstream, over plain HTTP. */
public final class DockerRegistry implements AutoCloseable {
  private final Path folder = RunFolder.current().newFolder("registry");
  private final UnaryOperator<List<String>> wrapper;
  private final RegistryClient client;
  private ChildProcess process;

  private DockerRegistry(String address, UnaryOperator<List<String>> wrapper) {
    this.wrapper = wrapper;
    String authority = address + ":" + FreePort.next();
    this.client = new RegistryClient(URI.create("http://" + authority));
    TextFile.write(folder.resolve("config.yml"), configuration(data(), authority, ""));
    this.process = launch();
  }

  /** Starts one with nothing in it, on the loopback address. */
  public static DockerRegistry start() {
    return start("127.0.0.1");
  }

  /** Starts one with nothing in it, on an address of this machine. */
  public static DockerRegistry start(String address) {
    return new DockerRegistry(address, command -> command);
  }

  /** Starts one with nothing in it, in a network of its own. */
  public static DockerRegistry start(NetworkNamespace network) {
    return new DockerRegistry(network.address(), network::wrap);
  }

  /**
   * The configuration of a registry.
   *
   * @param data the folder of what it has, which several may share
   * @param more what follows, indented as a part of {@code http}
   */
  public static String configuration(Path data, String authority, String more) {
    return """
    version: 0.1
    log:
      level: warn
    storage:
      filesystem:
        rootdirectory: %s
      delete:
        enabled: true
    http:
      addr: %s
    %s"""
        .formatted(data, authority, more);
  }

  private ChildProcess launch() {
    List<String> command =
        List.of("docker-registry", "serve", folder.resolve("config.yml").toString());
    ChildProcess started =
        ChildProcess.start(
            "docker-registry",
            folder.resolve("log"),
            Map.of("OTEL_TRACES_EXPORTER", "none"),
            wrapper.apply(command));
    Await.until(
        "docker-registry answers", Duration.ofSeconds(20), () -> started.answers(client, "/v2/"));
    return started;
  }

  /** The folder of what it has. */
  public Path data() {
    return folder.resolve("data");
  }

  /** Whether it runs. */
  public boolean alive() {
    return process.alive();
  }

  /** Kills it: connections to it are refused from now on. */
  public void kill() {
    process.kill();
  }

  /** Starts it again on what it has. */
  public void restart() {
    process.close();
    process = launch();
  }

  /** The lines that it has written to its log so far, those of its accesses among them. */
  public List<String> log() {
    try (Stream<String> lines = Files.lines(folder.resolve("log"))) {
      return lines.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code http://host:port}. */
  public URI url() {
    return client.base();
  }

  /** Puts the image there, every byte as it is, and points the tag to it. */
  public void push(OciImage image, String repository, String tag) {
    for (Content content : image.contents()) {
      if (!content.manifest()) {
        pushBlob(repository, content);
      } else if (content != image.root()) {
        pushManifest(repository, content.digest().toString(), content);
      }
    }
    pushManifest(repository, tag, image.root());
  }

  private void pushBlob(String repository, Content content) {
    if (client.head("/v2/" + repository + "/blobs/" + content.digest()).statusCode() == 200) {
      return;
    }
    String session =
        RegistryClient.header(
            expect(
                202,
                client.send(
                    "POST", "/v2/" + repository + "/blobs/uploads/", BodyPublishers.noBody())),
            "Location");
    String location = session + (session.contains("?") ? "&" : "?") + "digest=" + content.digest();
    expect(201, client.send("PUT", location, BodyPublishers.ofByteArray(content.bytes())));
  }

  private void pushManifest(String repository, String reference, Content content) {
    expect(
        201,
        client.send(
            "PUT",
            "/v2/" + repository + "/manifests/" + reference,
            BodyPublishers.ofByteArray(content.bytes()),
            "Content-Type",
            content.mediaType()));
  }

  private static HttpResponse<byte[]> expect(int status, HttpResponse<byte[]> response) {
    if (response.statusCode() != status) {
      throw new AssertionError(
          "%d instead of %d for %s: %s"
              .formatted(
                  response.statusCode(),
                  status,
                  response.request(),
                  new String(response.body(), StandardCharsets.UTF_8)));
    }
    return response;
  }

  @Override
  public void close() {
    process.close();
  }
}
