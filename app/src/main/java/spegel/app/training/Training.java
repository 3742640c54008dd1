package spegel.app.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import spegel.app.Main;
import spegel.app.Termination;
import spegel.app.log.Log;

/** Does once what the commands do, so that the JVM remembers which classes and code they need. */
public final class Training {
  private static final Duration READY_WITHIN = Duration.ofSeconds(30);
  private static final int ROUNDS = 20;

  private final PrintStream nowhere =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private final Path folder;

  private Training(Path folder) {
    this.folder = folder;
  }

  /** Runs the training; the JVM's options say where the cache goes. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("spegel-training");
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    try (AutoCloseable _ = Log.redirect(log)) {
      new Training(folder).run();
    } catch (Exception | Error e) {
      System.err.println(log.toString(StandardCharsets.UTF_8));
      throw e;
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    System.exit(0); // Threads of libraries may still end; the cache is written now.
  }

  private void run() throws Exception {
    command(new Termination(), "--help");
    command(new Termination(), "registry", "--help");
    command(new Termination(), "registry", "--wrong");
    command(new Termination(), "version");
    serveLayout();
  }

  private int command(Termination termination, String... arguments) {
    return new Main(nowhere, nowhere, Map.of(), false, termination).run(arguments);
  }

  private void serveLayout() throws Exception {
    TrainingImage image = TrainingImage.write(Files.createDirectory(folder.resolve("layout")));
    serve(
        "oci-layout:" + folder.resolve("layout"),
        ports -> {
          serveContainerd(ports.router());
          for (int i = 0; i < ROUNDS; i++) {
            pull(ports.registry(), image);
            ask(ports.metrics(), "GET", "/metrics", "");
            ask(ports.metrics(), "GET", "/debug/web/", "");
            ask(ports.metrics(), "GET", "/debug/web/metadata", "");
            ask(ports.metrics(), "GET", "/debug/web/stats", "");
          }
        });
  }

  /** A second node, which is ready when it has found the first. */
  private void serveContainerd(int peerPort) throws Exception {
    Path socket = folder.resolve("c.sock");
    Path content = Files.createDirectory(folder.resolve("content"));
    try (EmptyContainerd _ = new EmptyContainerd(socket)) {
      serve(
          "containerd",
          ports -> ask(ports.registry(), "GET", "/v2/", ""),
          "--bootstrap-kind=static",
          "--static-bootstrap-peers=/ip4/127.0.0.1/tcp/" + peerPort,
          "--data-dir=" + folder.resolve("data"),
          "--containerd-sock=" + socket,
          "--containerd-content-path=" + content);
    }
  }

  /** What is done with a node that is ready. */
  private interface Exercise {
    void run(Ports ports) throws Exception;
  }

  /** Where a node listens. */
  private record Ports(int registry, int metrics, int router) {}

  private void serve(String store, Exercise exercise, String... more) throws Exception {
    Ports ports = new Ports(freePort(), freePort(), freePort());
    List<String> arguments =
        Stream.concat(
                Stream.of(
                    "registry",
                    "--store=" + store,
                    "--registry-addr=127.0.0.1:" + ports.registry(),
                    "--metrics-addr=127.0.0.1:" + ports.metrics(),
                    "--router-addr=127.0.0.1:" + ports.router()),
                Stream.of(more))
            .toList();
    Termination termination = new Termination();
    Thread node =
        Thread.ofPlatform()
            .start(
                () -> {
                  if (command(termination, arguments.toArray(String[]::new)) != 0) {
                    throw new IllegalStateException("the node failed: " + arguments);
                  }
                });
    try {
      awaitReady(ports.registry(), node);
      exercise.run(ports);
    } finally {
      termination.request();
      node.join();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitReady(int port, Thread node) throws Exception {
    long end = System.nanoTime() + READY_WITHIN.toNanos();
    while (ask(port, "GET", "/readyz", "") != 200) {
      if (System.nanoTime() > end || !node.isAlive()) {
        throw new IllegalStateException("the node of the training is not ready");
      }
      node.join(Duration.ofMillis(20));
    }
  }

  /** All kinds of requests that containerd and peers make, and some that strangers make. */
  private static void pull(int port, TrainingImage image) throws IOException {
    String ns = "?ns=" + TrainingImage.REGISTRY;
    String path = "/v2/" + TrainingImage.REPOSITORY;
    String tag = path + "/manifests/" + TrainingImage.TAG + ns;
    String layer = path + "/blobs/" + image.layer() + ns;
    ask(port, "GET", "/v2/", "");
    ask(port, "HEAD", tag, "");
    ask(port, "GET", tag, "X-Spegel-Mirrored: true\r\n");
    ask(port, "GET", path + "/manifests/" + image.index() + ns, "");
    ask(port, "HEAD", layer, "");
    ask(port, "GET", layer, "");
    ask(port, "GET", layer, "Range: bytes=1000-\r\n");
    ask(port, "GET", layer, "Range: bytes=9999999-\r\n");
    ask(port, "GET", path + "/manifests/unknown" + ns, "");
    ask(port, "GET", path + "/blobs/malformed" + ns, "");
    ask(port, "GET", "/nothing", "");
  }

  /** One request on a connection of its own; the status, or 0 when nobody listens. */
  private static int ask(int port, String method, String target, String fields) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String head =
          "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sConnection: close\r\n\r\n"
              .formatted(method, target, fields);
      socket.setSoTimeout((int) READY_WITHIN.toMillis());
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      String status = new String(answer, 0, Math.min(answer.length, 12), StandardCharsets.US_ASCII);
      return status.length() == 12 ? Integer.parseInt(status.substring(9)) : 0;
    } catch (ConnectException e) {
      return 0;
    }
  }
}
