package spegel.kad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import spegel.libp2p.PeerId;
import spegel.multiformats.Multiaddr;
import spegel.multiformats.Multihash;
import spegel.testing.Generator;
import spegel.testing.Property;

final class RoutingTableTest {
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private static final List<Multiaddr> ADDRESSES =
      List.of(Multiaddr.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)));

  private static KadPeer peer(Generator generator) {
    byte[] id = new byte[36];
    for (int i = 0; i < id.length; i++) {
      id[i] = (byte) generator.between(0, 255);
    }
    return new KadPeer(new PeerId(Multihash.of(Multihash.IDENTITY, id)), ADDRESSES);
  }

  /** The order is worked out bucket by bucket; here, by sorting all peers. */
  @Test
  void nearest_yieldsTheNearestOfAll_inOrder() {
    Property.forAll(
        300,
        generator -> {
          KadPeer self = peer(generator);
          RoutingTable table = new RoutingTable(self.key());
          List<KadPeer> candidates = new ArrayList<>();
          for (int i = generator.between(1, 200); i > 0; i--) {
            KadPeer peer = peer(generator);
            candidates.add(peer);
            table.heard(peer, NOW);
          }
          for (KadPeer peer : candidates) {
            if (generator.oneIn(10)) {
              table.failed(peer.id());
            }
          }
          KadKey target =
              switch (generator.between(0, 3)) {
                case 0 -> self.key();
                case 1 -> generator.oneOf(candidates).key();
                default -> peer(generator).key();
              };
          int count = generator.between(1, 60);
          List<KadPeer> expected = new ArrayList<>(table.peers());
          expected.sort(Comparator.comparing(KadPeer::key, target::compareDistance));
          assertEquals(
              expected.subList(0, Math.min(count, expected.size())),
              table.nearest(target, count).stream().map(RoutingTable.Entry::peer).toList());
        });
  }
}
