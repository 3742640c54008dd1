package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.Together;
import spegel.e2e.interop.MixedNetwork.Node;

/** Ten nodes of go-libp2p-kad-dht and ten of ours: whatever one has, every other finds at once. */
@ExtendWith(FailureLogs.class)
class MixedNetworkTest {
  private static final int OURS = 10;
  private static final int HOSTS_OF_A_PROCESS = 5;
  private static final int KEYS_OF_A_NODE = 2;

  /** From the moment at which a key was provided, until every node has found it. */
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(1);

  private static final Duration JOINED_WITHIN = Duration.ofSeconds(30);

  private final List<PeerProcess> processes = List.of(PeerProcess.go(), PeerProcess.go());
  private final List<OurNode> ours = new ArrayList<>();
  private final List<ForeignHost> theirs = new ArrayList<>();
  private List<Node> nodes = List.of();

  @BeforeEach
  void join() {
    processes.forEach(
        process -> theirs.addAll(process.hosts(HOSTS_OF_A_PROCESS, MixedNetwork.kad())));
    IntStream.range(0, OURS).forEach(_ -> ours.add(OurNode.start()));
    nodes = MixedNetwork.interleaved(theirs, ours);
    // Each joins through the one before: half of them through one of the other kind, both ways.
    for (int i = 1; i < nodes.size(); i++) {
      nodes.get(i).bootstrap(nodes.get(i - 1));
    }
    // Who came early has heard of few until it looks around; ours do so by themselves.
    Together.times(theirs.size(), i -> theirs.get(i).refresh());
    for (Node node : nodes) {
      Await.until(
          node + " knows most others",
          JOINED_WITHIN,
          () -> node.table().size() >= nodes.size() * 2 / 3);
    }
  }

  @AfterEach
  void stop() {
    ours.forEach(OurNode::close);
    processes.forEach(PeerProcess::close);
  }

  private static List<String> keysOf(int node) {
    return IntStream.range(0, KEYS_OF_A_NODE).mapToObj(i -> node + "/" + i).toList();
  }

  private static List<Node> without(List<Node> nodes, Node one) {
    return nodes.stream().filter(node -> !node.id().equals(one.id())).toList();
  }

  @Test
  void everyKey_isFoundFromEveryNode_withinASecond() {
    Finding finding = new Finding(FOUND_WITHIN);
    for (int i = 0; i < nodes.size(); i++) {
      Node provider = nodes.get(i);
      for (String key : keysOf(i)) {
        provider.provide(List.of(key));
        finding.byAll(without(nodes, provider), key, provider.id());
      }
    }
    System.out.printf(
        "%d keys, each found from %d nodes, the slowest after %d ms%n",
        nodes.size() * KEYS_OF_A_NODE, nodes.size() - 1, finding.slowest().toMillis());
    assertTrue(finding.slowest().compareTo(FOUND_WITHIN) <= 0, finding.slowest().toString());
  }

  @Test
  void whatIsLeft_isFound_whenAQuarterOfTheNodesDies() {
    for (int i = 0; i < nodes.size(); i++) {
      nodes.get(i).provide(keysOf(i));
    }
    Finding before = new Finding(Duration.ofSeconds(10));
    for (int i = 0; i < nodes.size(); i++) {
      before.byAll(without(nodes, nodes.get(i)), keysOf(i).getLast(), nodes.get(i).id());
    }
    processes.getLast().kill();
    List<ForeignHost> dead = theirs.subList(HOSTS_OF_A_PROCESS, theirs.size());
    List<Node> left =
        nodes.stream()
            .filter(node -> dead.stream().noneMatch(host -> host.id().equals(node.id())))
            .toList();
    Finding after = new Finding(Duration.ofSeconds(5));
    for (int i = 0; i < nodes.size(); i++) {
      if (left.contains(nodes.get(i))) {
        after.byAll(without(left, nodes.get(i)), keysOf(i).getFirst(), nodes.get(i).id());
      }
    }
    System.out.printf(
        "with a quarter of the nodes dead, the slowest search took %d ms%n",
        after.slowest().toMillis());
  }
}
