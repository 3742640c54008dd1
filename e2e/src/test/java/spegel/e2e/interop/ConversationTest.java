package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.FailureLogs;
import spegel.e2e.harness.Together;
import spegel.libp2p.host.PeerInfo;
import spegel.libp2p.ping.Ping;
import spegel.multiformats.Multiaddr;

/** One connection with another implementation: whoever has dialled, either side opens streams. */
@ParameterizedClass
@EnumSource
@ExtendWith(FailureLogs.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConversationTest {
  private static final String IDENTIFY = "/ipfs/id/1.0.0";
  private static final Duration WITHIN = Duration.ofSeconds(10);

  /** Who is at the other end, and who has dialled. */
  enum Link {
    GO_DIALS,
    WE_DIAL_GO,
    JS_DIALS,
    WE_DIAL_JS;

    boolean go() {
      return this == GO_DIALS || this == WE_DIAL_GO;
    }

    boolean weDial() {
      return this == WE_DIAL_GO || this == WE_DIAL_JS;
    }
  }

  @Parameter private Link link = Link.GO_DIALS;

  private PeerProcess process;
  private ForeignHost peer;
  private OurHost ours;

  @BeforeParameterizedClassInvocation
  void connect() {
    process = link.go() ? PeerProcess.go() : PeerProcess.js();
    peer = process.host(Map.of());
    ours = OurHost.start();
    if (link.weDial()) {
      ours.connect(peer);
    } else {
      peer.connect(ours.host());
    }
  }

  @AfterParameterizedClassInvocation
  void stop() {
    ours.close();
    process.close();
  }

  @Test
  void connection_isOneOfNoiseAndYamux() {
    List<ForeignHost.Connection> connections = peer.connections(ours.id());
    assertEquals(1, connections.size(), connections.toString());
    ForeignHost.Connection connection = connections.getFirst();
    assertEquals("/noise", connection.security());
    assertEquals("/yamux/1.0.0", connection.muxer());
    assertEquals(link.weDial(), connection.inbound());
    if (link.go()) {
      assertTrue(connection.early(), "the multiplexer was not agreed on within the handshake");
    }
  }

  @Test
  void identify_tellsThePeerOfUs() {
    ForeignHost.Said said = peer.identify(ours.id());
    assertTrue(said.keyMatches());
    assertEquals("spegel-jvm", said.agent());
    assertEquals("ipfs/0.1.0", said.protocolVersion());
    assertEquals(
        ours.host().addresses().stream().map(Multiaddr::toString).toList(), said.addresses());
    assertTrue(
        said.protocols()
            .containsAll(
                List.of(IDENTIFY, "/ipfs/id/push/1.0.0", Ping.PROTOCOL, ServedProtocols.ECHO)),
        said.protocols().toString());
    // What we observe is the peer's end of the connection: where it listens, when we have dialled,
    // and from where go-libp2p dials, too.
    assertEquals(
        link.weDial() || link.go(), said.observed().equals(peer.addresses().getFirst().toString()));
    assertTrue(said.observed().startsWith("/ip4/127.0.0.1/tcp/"), said.observed());
  }

  @Test
  void identify_tellsUsOfThePeer() {
    PeerInfo info = ours.identified(peer.id());
    assertEquals(link.go() ? "spegel-interop-go" : "spegel-interop-js", info.agentVersion());
    assertEquals(peer.addresses(), info.addresses());
    assertTrue(
        info.protocols().containsAll(List.of(IDENTIFY, Ping.PROTOCOL, ServedProtocols.ECHO)),
        info.protocols().toString());
  }

  @Test
  void ping_comesBack_inBothDirections() {
    ours.ping(peer.id(), 50);
    assertEquals(50, peer.ping(ours.id(), 50).size());
  }

  @Test
  void streams_carryWhatIsSent_manyAtATime() {
    Together.run(() -> ours.echo(peer.id(), 50, 200_000), () -> peer.echo(ours.id(), 50, 200_000));
  }

  @Test
  void sinkAndSource_agreeOnWhatWasSent() {
    AtomicLong sent = new AtomicLong();
    Together.run(
        () -> ours.send(peer.id(), 5_000_000, sent),
        () -> peer.send(ours.id(), 5_000_000),
        () -> ours.fetch(peer.id(), 5_000_000),
        () -> peer.fetch(ours.id(), 5_000_000, 0, 0));
    assertEquals(5_000_000, sent.get());
  }

  @Test
  void halfClosedStream_carriesTheOtherHalf() {
    assertEquals(".", ours.halfClose(peer.id()));
    assertEquals(".", peer.halfClose(ours.id()));
    assertTrue(peer.endings().contains("end"));
    assertTrue(ours.served().endings().contains("end"));
  }

  @Test
  void reset_isSeenAtTheOtherEnd() {
    ours.reset(peer.id());
    Await.until("the peer sees our reset", WITHIN, () -> peer.endings().contains("reset"));
    peer.reset(ours.id());
    Await.until("we see the peer's reset", WITHIN, () -> ours.served().endings().contains("reset"));
    ours.expectReset(peer.id());
    peer.expectReset(ours.id());
  }

  @Test
  void noStream_isLeftOver() {
    Await.until(
        "all streams have ended at the peer",
        WITHIN,
        () -> peer.connections(ours.id()).stream().allMatch(c -> c.streams() == 0));
  }
}
