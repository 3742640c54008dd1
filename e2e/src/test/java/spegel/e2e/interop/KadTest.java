package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.FailureLogs;
import spegel.kad.KadPeer;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;

/** A few nodes of go-libp2p-kad-dht and of ours: they admit each other, and find what each has. */
@ExtendWith(FailureLogs.class)
class KadTest {
  private static final Duration WITHIN = Duration.ofSeconds(10);

  /** The sweeping provider gathers what it is given for a while before it announces. */
  private static final Duration SWEPT_WITHIN = Duration.ofSeconds(20);

  private PeerProcess process;
  private ForeignHost theirs;
  private ForeignHost other;
  private OurNode ours;

  @BeforeEach
  void start() {
    process = PeerProcess.go();
    List<ForeignHost> hosts = process.hosts(2, MixedNetwork.kad());
    theirs = hosts.getFirst();
    other = hosts.getLast();
    ours = OurNode.start();
  }

  @AfterEach
  void stop() {
    ours.close();
    process.close();
  }

  private void assertAdmitted(ForeignHost peer, OurNode node) {
    Await.until("we admit the peer", WITHIN, () -> node.table().contains(peer.id()));
    Await.until("the peer admits us", WITHIN, () -> peer.table().contains(node.id()));
  }

  /** Searches until the one provider is found, with an address at which it listens. */
  private static void assertFound(MixedNetwork.Node by, String key, MixedNetwork.Node provider) {
    KadPeer found =
        Await.value(
            by + " finds " + key,
            WITHIN,
            () -> by.find(key).filter(peer -> peer.id().equals(provider.id())));
    assertTrue(found.addresses().containsAll(provider.addresses()), found.toString());
  }

  @Test
  void tables_admitEachOther_whenWeDial() {
    ours.bootstrap(theirs.id(), theirs.addresses());
    assertAdmitted(theirs, ours);
  }

  @Test
  void tables_admitEachOther_whenTheyDial_andThroughAThird() {
    theirs.bootstrap(ours.id(), ours.addresses());
    assertAdmitted(theirs, ours);
    // This one knows us only, and hears from us of the first.
    other.bootstrap(ours.id(), ours.addresses());
    Await.until("the third admits the first", WITHIN, () -> other.table().contains(theirs.id()));
    assertAdmitted(other, ours);
    List<KadPeer> found = List.of(other.findPeer(ours.id()), other.findPeer(theirs.id()));
    assertEquals(List.of(ours.id(), theirs.id()), found.stream().map(KadPeer::id).toList());
  }

  @Test
  void peerThatDoesNotSpeakKad_isInNoTable() {
    ForeignHost stranger = process.host(Map.of());
    stranger.connect(ours.host().host());
    ours.host().identified(stranger.id());
    assertEquals(List.of(), ours.table());
    theirs.bootstrap(ours.id(), ours.addresses());
    assertAdmitted(theirs, ours);
    assertEquals(List.of(theirs.id()), ours.table());
  }

  @Test
  void whatOneProvides_theOtherFinds() {
    ours.bootstrap(theirs.id(), theirs.addresses());
    other.bootstrap(ours.id(), ours.addresses());
    assertAdmitted(theirs, ours);
    ours.provide(List.of("ours"));
    theirs.provide(List.of("theirs"));
    assertFound(theirs, "ours", ours);
    assertFound(other, "ours", ours);
    assertFound(ours, "theirs", theirs);
    assertFound(other, "theirs", theirs);
    assertTrue(ours.find("nobody's").isEmpty());
    assertEquals(List.of(), theirs.find("nobody's", 1));
  }

  @Test
  void manyKeys_areFound_fromBothSides() {
    ours.bootstrap(theirs.id(), theirs.addresses());
    assertAdmitted(theirs, ours);
    List<String> own = keys("own", 200);
    List<String> foreign = keys("foreign", 200);
    ours.provide(own);
    theirs.provide(foreign);
    for (String key : own) {
      assertFound(theirs, key, ours);
    }
    for (String key : foreign) {
      assertFound(ours, key, theirs);
    }
  }

  private static List<String> keys(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name + " " + i).toList();
  }

  @Test
  void whatTheSweepingProviderAnnounces_isFound() {
    ours.bootstrap(theirs.id(), theirs.addresses());
    assertAdmitted(theirs, ours);
    theirs.startProviding(List.of("swept"));
    // Told, not asked: the record is kept here.
    Await.until("we are told", SWEPT_WITHIN, () -> ours.knowsProviderOf("swept"));
    assertFound(ours, "swept", theirs);
  }

  @Test
  void withdrawnKey_isNoLongerAnsweredByUs() {
    ours.bootstrap(theirs.id(), theirs.addresses());
    assertAdmitted(theirs, ours);
    // A node that comes later has not been told, and hears it from us alone or not at all.
    ours.provide(List.of("gone"));
    assertFound(theirs, "gone", ours);
    ours.withdraw(List.of("gone"));
    theirs.stop();
    Await.until("only we are left", WITHIN, () -> !ours.host().host().isConnected(theirs.id()));
    other.bootstrap(ours.id(), ours.addresses());
    assertEquals(List.of(), other.find("gone", 1));
  }

  @Test
  void trimmedConnection_isDialledAgainByASearch() {
    ForeignHost trimming = process.host(Map.of("kad", true, "lowWater", 1, "highWater", 2));
    theirs.bootstrap(trimming.id(), trimming.addresses());
    ours.bootstrap(trimming.id(), trimming.addresses());
    trimming.disconnect(ours.id());
    // A search asks all whom it knows, in a network as small as this.
    assertEquals(Optional.empty(), ours.find("nobody's"));
    // One that was quicker than the news of the end asked over the connection that was ending;
    // then the node looks for the peer by itself.
    Await.until("connected again", WITHIN, () -> ours.host().host().isConnected(trimming.id()));
    trimming.disconnect(ours.id());
    trimming.disconnect(theirs.id());
    trimming.provide(List.of("kept"));
    assertFound(ours, "kept", trimming);
    ours.provide(List.of("ours"));
    assertFound(trimming, "ours", ours);
  }

  @Test
  void restartedNodes_areFoundAgain(@TempDir Path folder) {
    Identity identity = Identity.generate();
    ours.close();
    ours = OurNode.start(identity, 0);
    theirs.bootstrap(ours.id(), ours.addresses());
    other.bootstrap(ours.id(), ours.addresses());
    for (int round = 0; round < 3; round++) {
      PeerId before = ours.id();
      int port = ours.host().port();
      ours.close();
      ours = OurNode.start(identity, port);
      assertEquals(before, ours.id());
      ours.bootstrap(theirs.id(), theirs.addresses());
      assertAdmitted(theirs, ours);
      ours.provide(List.of("round " + round));
      theirs.provide(List.of("their round " + round));
      assertFound(theirs, "round " + round, ours);
      assertFound(other, "round " + round, ours);
      assertFound(ours, "their round " + round, theirs);
    }
    assertRestartOfTheirsIsFound(folder.resolve("private.key"));
  }

  private void assertRestartOfTheirsIsFound(Path keyFile) {
    Map<String, Object> spec = Map.of("kad", true, "keyFile", keyFile.toString());
    PeerProcess first = PeerProcess.go();
    ForeignHost before = first.host(spec);
    before.bootstrap(ours.id(), ours.addresses());
    before.provide(List.of("before"));
    assertFound(ours, "before", before);
    first.kill();
    ours.host().awaitDisconnected(before.id());
    try (PeerProcess second = PeerProcess.go()) {
      // With the key of before, and another port.
      ForeignHost after = second.host(spec);
      assertEquals(before.id(), after.id());
      after.bootstrap(ours.id(), ours.addresses());
      after.provide(List.of("after"));
      assertFound(ours, "after", after);
      assertAdmitted(after, ours);
    }
  }
}
