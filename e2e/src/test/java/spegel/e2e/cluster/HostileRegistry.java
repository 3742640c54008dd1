package spegel.e2e.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import spegel.e2e.harness.ChildProcess;
import spegel.e2e.harness.RunFolder;

/**
 * A registry that is no good, as a process of its own in the network of a node whose true mirror
 * announces what its containerd has. It answers HEAD as it should, and GET with malice.
 */
final class HostileRegistry implements AutoCloseable {
  private static final Pattern REQUEST =
      Pattern.compile("(GET|HEAD) /v2/\\S+/blobs/sha256:([0-9a-f]{64})\\S* HTTP/1.1");
  private static final Pattern RANGE = Pattern.compile("(?i)range: *bytes=(\\d+)-.*");

  private final ChildProcess process;
  private final Path malice;

  private HostileRegistry(ChildProcess process, Path malice) {
    this.process = process;
    this.malice = malice;
  }

  /** Starts one beside the node's mirror, which stands aside. */
  static HostileRegistry start(ClusterNode node) {
    Path folder = RunFolder.current().newFolder("hostile");
    Path malice = folder.resolve("malice");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    // Surefire's own class path is a jar that names this one.
    String classPath = System.getProperty("surefire.test.class.path");
    command.add(classPath == null ? System.getProperty("java.class.path") : classPath);
    command.add(HostileRegistry.class.getName());
    command.add(node.network().address());
    command.add(Integer.toString(ClusterNode.REGISTRY_PORT));
    command.add(node.containerd().contentPath().resolve("blobs/sha256").toString());
    command.add(malice.toString());
    return new HostileRegistry(
        ChildProcess.start(
            "hostile registry", folder.resolve("log"), Map.of(), node.network().wrap(command)),
        malice);
  }

  /** Answers so from the next request on. */
  void behave(Malice how) {
    try {
      Files.writeString(malice, how.name());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }

  /** The process: an address, a port, the folder of the blobs, the file that says how to behave. */
  public static void main(String[] arguments) throws IOException {
    Path blobs = Path.of(arguments[2]);
    Path malice = Path.of(arguments[3]);
    int port = Integer.parseInt(arguments[1]);
    try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getByName(arguments[0]))) {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket, blobs, malice));
      }
    }
  }

  private static void serve(Socket socket, Path blobs, Path malice) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        answer(socket, line, offset(in), blobs, malice);
      }
    } catch (IOException e) {
      System.out.println(e);
    }
  }

  private static int offset(BufferedReader in) throws IOException {
    int offset = 0;
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      Matcher range = RANGE.matcher(line);
      if (range.matches()) {
        offset = Integer.parseInt(range.group(1));
      }
    }
    return offset;
  }

  private static void answer(Socket socket, String line, int from, Path blobs, Path malice)
      throws IOException {
    System.out.println(line + " from " + from);
    Matcher request = REQUEST.matcher(line);
    if (!request.matches() || !Files.exists(blobs.resolve(request.group(2)))) {
      socket
          .getOutputStream()
          .write(
              "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return;
    }
    byte[] content = Files.readAllBytes(blobs.resolve(request.group(2)));
    if (request.group(1).equals("HEAD")) {
      Malice.head(socket, content.length - from, from, content.length);
    } else {
      Malice.valueOf(Files.readString(malice)).answer(socket, content, from);
    }
  }
}
