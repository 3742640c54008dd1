package spegel.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.FreePort;
import spegel.e2e.harness.ImageBuilder;
import spegel.e2e.harness.LogRecord;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.OciImage;
import spegel.e2e.harness.RegistryClient;
import spegel.e2e.harness.SpegelNode;

/** Nodes find each other by each of the ways to begin, each node in a network of its own. */
@ExtendWith(FailureLogs.class)
class RoutingTest {
  private static final OciImage IMAGE = ImageBuilder.oci(90).gzipLayer(1_000).build();
  private static final int ROUTER_PORT = 5001;

  /** Ready means connected; to be connected with all others may take a little longer. */
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(10);

  @TempDir Path folder;

  private Path layout() throws IOException {
    Path layout = Files.createTempDirectory(folder, "layout");
    OciImage.writeLayout(layout, Map.of("upstream.test/team/app:1", IMAGE));
    return layout;
  }

  private SpegelNode.Builder node(NetworkNamespace network, String... flags) throws IOException {
    return SpegelNode.overLayout(layout()).in(network).routerPort(ROUTER_PORT).flags(flags);
  }

  private static void awaitPeers(int peers, SpegelNode... nodes) {
    for (SpegelNode node : nodes) {
      Await.until(
          peers + " peers",
          SETTLED_WITHIN,
          () -> node.metrics().value("spegel_router_connected_peers").orElse(-1) == peers);
    }
  }

  private static String id(SpegelNode node) {
    return node.log().stream()
        .filter(line -> line.message().equals("router is running"))
        .map(line -> line.text("id"))
        .findFirst()
        .orElseThrow();
  }

  private static List<LogRecord> warnings(SpegelNode node) {
    return node.log().stream()
        .filter(line -> Stream.of("WARN", "ERROR").anyMatch(line.level()::equals))
        .toList();
  }

  @Test
  void nodes_findEachOther_byDnsHttpAndAList() throws IOException {
    try (NetworkNamespace one = NetworkNamespace.create();
        NetworkNamespace two = NetworkNamespace.create();
        NetworkNamespace three = NetworkNamespace.create()) {
      Path hosts =
          Files.writeString(
              folder.resolve("hosts"),
              "%s spegel.test%n%s spegel.test%n".formatted(one.address(), two.address()));
      String endpoint = one.address() + ":5002";
      try (SpegelNode byHttp =
              node(
                      one,
                      "--bootstrap-kind=http",
                      "--http-bootstrap-addr=" + endpoint,
                      "--http-bootstrap-url=http://" + endpoint + "/id")
                  .launch();
          SpegelNode byDns =
              node(two, "--bootstrap-kind=dns", "--dns-bootstrap-domain=spegel.test")
                  .wrapped(command -> withHosts(hosts, command))
                  .start()) {
        try (SpegelNode byList =
            node(
                    three,
                    "--bootstrap-kind=static",
                    "--static-bootstrap-peers=/ip4/%s/tcp/5001/p2p/%s"
                        .formatted(one.address(), id(byHttp)))
                .start()) {
          awaitPeers(2, byHttp, byDns, byList);
          assertTrue(byHttp.ready(), "it names only itself, but others have come");
          RegistryClient bootstrap = new RegistryClient(URI.create("http://" + endpoint));
          assertEquals(
              "[{\"ID\":\"%s\",\"Addrs\":[\"/ip4/%s/tcp/5001\"]}]"
                  .formatted(id(byHttp), one.address()),
              new String(bootstrap.get("/id").body(), StandardCharsets.UTF_8));
        }
        awaitPeers(1, byHttp, byDns);
        assertTrue(byHttp.ready() && byDns.ready());
        assertEquals(List.of(), byHttp.unstructuredLog());
      }
    }
  }

  /** The command with its own /etc/hosts. */
  private static List<String> withHosts(Path hosts, List<String> command) {
    String script = "mount --bind \"$0\" /etc/hosts && exec \"$@\"";
    return Stream.concat(
            Stream.of("unshare", "--mount", "sh", "-c", script, hosts.toString()), command.stream())
        .toList();
  }

  @Test
  void identity_isKept_whereTheDataIs() throws IOException {
    Path data = folder.resolve("data");
    String first;
    try (SpegelNode node = SpegelNode.overLayout(layout()).flags("--data-dir=" + data).start()) {
      first = id(node);
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(data.resolve("private.key"))));
    }
    try (SpegelNode node = SpegelNode.overLayout(layout()).flags("--data-dir=" + data).start()) {
      assertEquals(first, id(node));
    }
    try (SpegelNode node = SpegelNode.overLayout(layout()).start()) {
      assertNotEquals(first, id(node));
    }
  }

  @Test
  void ready_isLost_whileTheOthersAreGone_andComesBackWithThem() throws IOException {
    int port = FreePort.next();
    String address = "/ip4/127.0.0.1/tcp/" + port;
    String[] flags = {"--bootstrap-kind=static", "--static-bootstrap-peers=" + address};
    try (SpegelNode other = SpegelNode.overLayout(layout()).routerPort(port).start();
        SpegelNode node = SpegelNode.overLayout(layout()).flags(flags).start()) {
      other.process().terminate();
      assertEquals(0, other.process().awaitExit(Duration.ofSeconds(10)));
      Await.until("not ready", SETTLED_WITHIN, () -> !node.ready());
      try (SpegelNode again = SpegelNode.overLayout(layout()).routerPort(port).start()) {
        Await.until("ready again", Duration.ofSeconds(20), node::ready);
        awaitPeers(1, node, again);
      }
      assertTrue(
          warnings(node).stream().anyMatch(line -> line.message().startsWith("no peer yet")),
          () -> "warnings: " + warnings(node));
    }
  }
}
