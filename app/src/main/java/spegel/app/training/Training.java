package spegel.app.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
  private static final String FIRST_HOST = "127.0.0.1";
  private static final String SECOND_HOST = "127.0.0.2";

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
    Listening first = Listening.at(FIRST_HOST, freePort());
    serve(
        "oci-layout:" + folder.resolve("layout"),
        first,
        _ -> {
          serveContainerd(first, image);
          for (int i = 0; i < ROUNDS; i++) {
            pull(first.registry(), image);
            ask(first.metrics(), "GET", "/metrics", "");
            ask(first.metrics(), "GET", "/debug/web/", "");
            ask(first.metrics(), "GET", "/debug/web/metadata", "");
            ask(first.metrics(), "GET", "/debug/web/stats", "");
          }
        });
  }

  /**
   * A second node, which is ready when it has found the first, and gets from it what it has not. A
   * mirror asks others at its own port, so that the second listens at another address; where
   * loopback has only one, there is no mirroring.
   */
  private void serveContainerd(Listening first, TrainingImage image) throws Exception {
    Path socket = folder.resolve("c.sock");
    Path content = Files.createDirectory(folder.resolve("content"));
    boolean mirrors = hasAddress(SECOND_HOST);
    Listening second =
        mirrors
            ? Listening.at(SECOND_HOST, first.registry().getPort())
            : Listening.at(FIRST_HOST, freePort());
    try (EmptyContainerd _ = new EmptyContainerd(socket)) {
      serve(
          "containerd",
          second,
          node -> {
            if (mirrors) {
              awaitOk(second.registry(), image.tagPath(), node);
              for (int i = 0; i < ROUNDS; i++) {
                pull(second.registry(), image);
              }
            }
          },
          "--bootstrap-kind=static",
          "--static-bootstrap-peers=/ip4/127.0.0.1/tcp/" + first.router().getPort(),
          "--data-dir=" + folder.resolve("data"),
          "--containerd-sock=" + socket,
          "--containerd-content-path=" + content);
    }
  }

  /** What is done with a node that is ready. */
  private interface Exercise {
    void run(Thread node) throws Exception;
  }

  /** Where a node listens. */
  private record Listening(
      InetSocketAddress registry, InetSocketAddress metrics, InetSocketAddress router) {
    static Listening at(String host, int registry) throws IOException {
      return new Listening(
          new InetSocketAddress(host, registry),
          new InetSocketAddress(host, freePort()),
          new InetSocketAddress(host, freePort()));
    }
  }

  private void serve(String store, Listening at, Exercise exercise, String... more)
      throws Exception {
    List<String> arguments =
        Stream.concat(
                Stream.of(
                    "registry",
                    "--store=" + store,
                    "--registry-addr=" + hostAndPort(at.registry()),
                    "--metrics-addr=" + hostAndPort(at.metrics()),
                    "--router-addr=" + hostAndPort(at.router())),
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
      awaitOk(at.registry(), "/readyz", node);
      exercise.run(node);
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

  private static String hostAndPort(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static boolean hasAddress(String host) {
    try (ServerSocket _ = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void awaitOk(InetSocketAddress server, String target, Thread node)
      throws Exception {
    long end = System.nanoTime() + READY_WITHIN.toNanos();
    while (ask(server, "GET", target, "") != 200) {
      if (System.nanoTime() > end || !node.isAlive()) {
        throw new IllegalStateException("the training has no " + target + " of " + server);
      }
      node.join(Duration.ofMillis(20));
    }
  }

  /** All kinds of requests that containerd and peers make, and some that strangers make. */
  private static void pull(InetSocketAddress registry, TrainingImage image) throws IOException {
    String ns = "?ns=" + TrainingImage.REGISTRY;
    String path = "/v2/" + TrainingImage.REPOSITORY;
    String tag = image.tagPath();
    String layer = path + "/blobs/" + image.layer() + ns;
    ask(registry, "GET", "/v2/", "");
    ask(registry, "HEAD", tag, "");
    ask(registry, "GET", tag, "");
    ask(registry, "GET", tag, "X-Spegel-Mirrored: true\r\n");
    ask(registry, "GET", path + "/manifests/" + image.index() + ns, "");
    ask(registry, "HEAD", layer, "");
    ask(registry, "GET", layer, "");
    ask(registry, "GET", layer, "Range: bytes=1000-\r\n");
    ask(registry, "GET", layer, "Range: bytes=9999999-\r\n");
    ask(registry, "GET", path + "/manifests/unknown" + ns, "");
    ask(registry, "GET", path + "/blobs/malformed" + ns, "");
    ask(registry, "GET", "/nothing", "");
  }

  /** One request on a connection of its own; the status, or 0 when nobody listens. */
  private static int ask(InetSocketAddress server, String method, String target, String fields)
      throws IOException {
    try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
      String head =
          "%s %s HTTP/1.1\r\nHost: spegel\r\n%sConnection: close\r\n\r\n"
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
