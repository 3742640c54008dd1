package spegel.app.web;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import spegel.app.command.CommandLineParser;
import spegel.app.command.ParsedCommand;
import spegel.app.command.RegistryConfiguration;
import spegel.app.node.Node;
import spegel.oci.Digest;

/** Two nodes of one process: one has an image, the other has none. */
final class NodePair implements AutoCloseable {
  static final String NAME = "docker.io/library/app:1";
  static final int LAYER_BYTES = 9_000_000;

  private static final Duration WITHIN = Duration.ofSeconds(30);
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  final HttpClient client = HttpClient.newHttpClient();
  final byte[] layer = new byte[LAYER_BYTES];
  final Node having;
  final Node asking;

  NodePair(Path folder, String agentVersion) throws Exception {
    new Random(5).nextBytes(layer);
    int registryPort = freePort();
    int routerPort = freePort();
    having =
        start(
            agentVersion,
            "127.0.0.1:" + registryPort,
            "127.0.0.1:" + routerPort,
            writeLayout(Files.createDirectory(folder.resolve("having")), List.of(layer)));
    asking =
        start(
            "asking",
            "127.0.0.2:" + registryPort,
            "127.0.0.2:" + freePort(),
            writeLayout(Files.createDirectory(folder.resolve("asking")), List.of()),
            "--bootstrap-kind=static",
            "--static-bootstrap-peers=/ip4/127.0.0.1/tcp/" + routerPort);
  }

  /** A node without images, peers and diagnostics. */
  static Node startWithoutDebug(Path folder) throws IOException {
    return start(
        "quiet",
        "127.0.0.1:" + freePort(),
        "127.0.0.1:0",
        writeLayout(Files.createDirectory(folder.resolve("quiet")), List.of()),
        "--debug-web-enabled=false");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Node start(
      String agentVersion, String registry, String router, Path layout, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "registry",
                "--store=oci-layout:" + layout,
                "--registry-addr=" + registry,
                "--router-addr=" + router,
                "--metrics-addr=127.0.0.1:0"));
    arguments.addAll(List.of(more));
    ParsedCommand parsed =
        new CommandLineParser(Map.of(), false).parse(arguments.toArray(String[]::new));
    RegistryConfiguration configuration =
        (RegistryConfiguration) ((ParsedCommand.Run) parsed).configuration();
    return Node.start(configuration, agentVersion, layout.resolve("no-credentials"), _ -> {});
  }

  private static Path writeLayout(Path layout, List<byte[]> layers) throws IOException {
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    List<String> images = new ArrayList<>();
    for (byte[] layer : layers) {
      byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
      byte[] manifest =
          """
          {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}"""
              .formatted(
                  MANIFEST,
                  descriptor("application/vnd.oci.image.config.v1+json", config, ""),
                  descriptor("application/vnd.oci.image.layer.v1.tar", layer, ""))
              .getBytes(StandardCharsets.UTF_8);
      for (byte[] content : List.of(config, layer, manifest)) {
        Files.write(blobs.resolve(Digest.sha256(content).hex()), content);
      }
      images.add(
          descriptor(
              MANIFEST,
              manifest,
              ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + NAME + "\"}"));
    }
    Files.writeString(
        layout.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", images) + "]}");
    return layout;
  }

  private static String descriptor(String mediaType, byte[] content, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(mediaType, Digest.sha256(content), content.length, more);
  }

  /** Waits until the image can be had from the other node. */
  void awaitFound() throws Exception {
    long end = System.nanoTime() + WITHIN.toNanos();
    String target = "/v2/library/app/manifests/1?ns=docker.io";
    while (send(asking.registryAddress(), "HEAD", target).statusCode() != 200) {
      if (System.nanoTime() > end) {
        throw new AssertionError("the nodes do not find each other");
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  /** Sends a request, with headers as name and value in turn. */
  HttpResponse<byte[]> send(
      InetSocketAddress address, String method, String target, String... headers) throws Exception {
    URI uri =
        URI.create(
            "http://%s:%d%s"
                .formatted(address.getAddress().getHostAddress(), address.getPort(), target));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(WITHIN).method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  static JsonObject json(HttpResponse<byte[]> response) {
    return JsonParser.parseString(new String(response.body(), StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  JsonObject stats(Node node) throws Exception {
    return json(send(node.metricsAddress(), "GET", "/debug/web/stats"));
  }

  @Override
  public void close() {
    asking.stop();
    having.stop();
    client.close();
  }
}
