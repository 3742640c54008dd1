package spegel.kad.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.kad.KadPeer;
import spegel.libp2p.PeerId;

/** Nodes that find each other's keys over real sockets. */
@Timeout(60)
final class KadServiceTest {
  private static final Duration SOON = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 20})
  void findProviders_findsEachNodesKey_fromEveryOtherNode(int size) throws Exception {
    try (Cluster cluster = Cluster.of(size)) {
      for (int i = 0; i < size; i++) {
        Cluster.Node provider = cluster.node(i);
        byte[] key = Cluster.key("of node " + i);
        provider.kad().node().provide(List.of(key));
        for (Cluster.Node seeker : cluster.nodes()) {
          if (!seeker.equals(provider)) {
            PeerId found = Cluster.find(seeker, key, SOON).map(KadPeer::id).orElseThrow();
            assertEquals(provider.host().id(), found);
          }
        }
      }
      assertEquals(Optional.empty(), Cluster.search(cluster.node(0), Cluster.key("no"), SOON));
    }
  }
}
