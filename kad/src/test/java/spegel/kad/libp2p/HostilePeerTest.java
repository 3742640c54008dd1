package spegel.kad.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.kad.KadOptions;
import spegel.kad.KadPeer;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.host.Host;
import spegel.multiformats.Multiaddr;

/** A peer that breaks the protocol's rules: what it does, and that the others do not notice. */
@Timeout(60)
final class HostilePeerTest {
  private static final String PROTOCOL = Cluster.PREFIX + "/kad/1.0.0";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final byte[] KEY = Cluster.key("somebody's");

  private Cluster cluster;
  private Cluster.Node victim;
  private Host stranger;

  @BeforeEach
  void start() throws IOException {
    cluster = Cluster.of(3);
    victim = cluster.node(0);
    stranger = Cluster.host(Identity.generate(), "127.0.0.66", 0);
    stranger.connect(victim.host().id(), victim.host().addresses());
    // News of it goes to those who have said that they take such.
    Cluster.await("they know of each other", () -> stranger.info(victim.host().id()).isPresent());
  }

  @AfterEach
  void othersHaveNotNoticed() throws Exception {
    try {
      byte[] key = Cluster.key("afterwards");
      cluster.node(1).kad().node().provide(List.of(key));
      for (int i : new int[] {0, 2}) {
        Optional<PeerId> found =
            Cluster.find(cluster.node(i), key, Duration.ofSeconds(1)).map(KadPeer::id);
        assertEquals(Optional.of(cluster.node(1).host().id()), found);
      }
    } finally {
      stranger.close();
      cluster.close();
    }
  }

  private Stream open() throws IOException {
    Stream stream = stranger.open(victim.host().id(), PROTOCOL);
    stream.deadline(TIMEOUT);
    return stream;
  }

  private KadStream kadStream() throws IOException {
    return new KadStream(open(), new MessageMemory(10, 8 * 1024 * 1024));
  }

  private static KadMessage message(KadMessage.Type type, byte[] key) {
    return new KadMessage(type, key, List.of(), List.of());
  }

  private static void assertReset(Stream stream) {
    IOException e = assertThrows(IOException.class, () -> stream.input().readAllBytes());
    assertTrue(String.valueOf(e.getMessage()).contains("reset the stream"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8080808010", // A message of 4 GiB,
        "ffffffffffffffffff01", // of more than that,
        "0a" + "0804" + "1207aaaaaaaaaaaa", // a field longer than its message,
        "04" + "deadbeef", // garbage,
        "020800", // PUT_VALUE, and
        "020801", // GET_VALUE, which nobody serves,
        "020809", // a type that there is not,
        "020804", // FIND_NODE without a key.
      })
  void stream_isReset_whenARequestBreaksTheProtocol(String hex) throws IOException {
    Stream stream = open();
    stream.output().write(HexFormat.of().parseHex(hex));
    assertReset(stream);
  }

  @Test
  void stream_isReset_whenItEndsWithinAMessage() throws IOException {
    Stream stream = open();
    stream.output().write(new byte[] {40, 8, 4});
    stream.output().close();
    assertReset(stream);
  }

  @Test
  void stream_isReset_whenTheKeyIsTooLong() throws IOException {
    KadStream served = kadStream();
    KadMessage longest = message(KadMessage.Type.FIND_NODE, new byte[80]);
    assertEquals(KadMessage.Type.FIND_NODE, served.ask(longest, TIMEOUT).type());
    served.close();
    Stream stream = open();
    stream.output().write(85);
    stream.output().write(HexFormat.of().parseHex("08041251" + "00".repeat(81)));
    assertReset(stream);
  }

  @Test
  void request_isAnswered_afterAnotherStreamWasReset() throws IOException {
    Stream broken = open();
    KadStream good = kadStream();
    KadMessage ping = message(KadMessage.Type.PING, new byte[0]);
    assertEquals(ping, good.ask(ping, TIMEOUT));
    broken.output().write(new byte[] {1, (byte) 0xff});
    assertReset(broken);
    assertEquals(ping, good.ask(ping, TIMEOUT));
    good.close();
  }

  @Test
  void streams_areReset_beyondThoseOfOnePeer() throws IOException {
    KadMessage ping = message(KadMessage.Type.PING, new byte[0]);
    List<KadStream> streams = new ArrayList<>();
    for (int i = 0; i < KadServer.MAX_STREAMS_PER_PEER; i++) {
      streams.add(kadStream());
      assertEquals(ping, streams.getLast().ask(ping, TIMEOUT));
    }
    KadStream tooMany = kadStream();
    assertThrows(IOException.class, () -> tooMany.ask(ping, TIMEOUT));
    streams.getFirst().close();
    Cluster.await("a stream less lets another in", () -> isAnswered(ping));
    streams.forEach(KadStream::close);
  }

  private boolean isAnswered(KadMessage request) {
    try {
      KadStream stream = kadStream();
      try {
        return stream.ask(request, TIMEOUT).type() == request.type();
      } finally {
        stream.close();
      }
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void longMessages_areReset_whenTooManyAreArriving() throws IOException {
    List<Stream> arriving = new ArrayList<>();
    byte[] half = new byte[2_200_000];
    half[0] = (byte) 0x80;
    half[1] = (byte) 0x80;
    half[2] = (byte) 0x80;
    half[3] = 2;
    // Announces 4 MiB and sends half: together more than the memory there is.
    assertThrows(
        IOException.class,
        () -> {
          for (int i = 0; i < 4; i++) {
            arriving.add(open());
            arriving.getLast().output().write(half);
            arriving.getLast().output().write(new byte[10_000]);
          }
          arriving.getLast().input().read();
        });
    // Short messages have memory of their own.
    assertTrue(isAnswered(message(KadMessage.Type.PING, new byte[0])));
    arriving.forEach(Stream::reset);
    KadMessage longOne =
        new KadMessage(
            KadMessage.Type.PING,
            new byte[0],
            Collections.nCopies(10_000, new KadPeer(stranger.id(), stranger.addresses())),
            List.of());
    Cluster.await("there is memory again", () -> isAnswered(longOne));
  }

  private void announce(PeerId provider, List<Multiaddr> addresses) throws IOException {
    KadMessage record =
        new KadMessage(
            KadMessage.Type.ADD_PROVIDER,
            KEY,
            List.of(),
            List.of(new KadPeer(provider, addresses)));
    KadStream stream = kadStream();
    stream.tell(List.of(record), TIMEOUT);
    stream.close();
  }

  @Test
  void record_isKept_onlyWhenThePeerSpeaksOfItself() throws IOException {
    announce(cluster.node(1).host().id(), stranger.addresses());
    assertEquals(0, victim.kad().node().recordCount());
    announce(stranger.id(), stranger.addresses());
    assertEquals(1, victim.kad().node().recordCount());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/127.0.0.66/tcp/5001",
        "/ip6/::1/tcp/5001",
        "/ip4/169.254.169.254/tcp/80",
        "/ip4/0.0.0.0/tcp/5001",
        "/ip4/239.1.2.3/tcp/5001"
      })
  void record_isNotKept_whenItsAddressIsNoPlaceOfAPeer(String address) throws IOException {
    Identity identity = Identity.generate();
    try (Host host = Cluster.host(identity, "0.0.0.0", 0);
        KadService kad = KadService.start(host, Cluster.PREFIX, KadOptions.DEFAULT)) {
      int port = host.listenAddress().getPort();
      stranger.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      assertRecords(0, host, kad, List.of(Multiaddr.parse(address)));
      assertRecords(0, host, kad, host.addresses());
      assertRecords(0, host, kad, List.of());
      List<Multiaddr> reachable =
          List.of(Multiaddr.parse(address), Multiaddr.parse("/ip4/10.11.12.13/tcp/5001"));
      assertRecords(1, host, kad, reachable);
    }
  }

  private void assertRecords(int expected, Host host, KadService kad, List<Multiaddr> addresses)
      throws IOException {
    KadMessage record =
        new KadMessage(
            KadMessage.Type.ADD_PROVIDER,
            KEY,
            List.of(),
            List.of(new KadPeer(stranger.id(), addresses)));
    KadStream stream =
        new KadStream(stranger.open(host.id(), PROTOCOL), new MessageMemory(10, 1024));
    stream.tell(List.of(record), TIMEOUT);
    stream.close();
    assertEquals(expected, kad.node().recordCount(), () -> "records of " + addresses);
  }

  @Test
  void answers_areNotSent_whenTooManyWaitForPeersToTakeThem() throws Exception {
    MessageMemory little = new MessageMemory(0, 10_000);
    KadServer server =
        new KadServer(victim.kad().node(), new PeerAddresses(victim.host()), _ -> {}, little);
    byte[] request = Wire.encode(message(KadMessage.Type.FIND_NODE, KEY));
    KadException e =
        assertThrows(
            KadException.class, () -> server.handle(new ReceivedStream(request, request.length)));
    assertTrue(String.valueOf(e.getMessage()).contains("too many answers"), e.getMessage());
    KadServer roomier =
        new KadServer(
            victim.kad().node(),
            new PeerAddresses(victim.host()),
            _ -> {},
            new MessageMemory(1, 0));
    byte[] requests = new byte[20 * request.length];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = request[i % request.length];
    }
    // One after the other, each finds room again.
    roomier.handle(new ReceivedStream(requests, requests.length));
  }

  @Test
  void answers_thatNobodyReads_waitInBoundedMemory() throws Exception {
    byte[] request = Wire.encode(message(KadMessage.Type.FIND_NODE, KEY));
    byte[] requests = new byte[1000 * request.length];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = request[i % request.length];
    }
    long before = usedHeapBytes();
    for (int i = 0; i < KadServer.MAX_STREAMS_PER_PEER; i++) {
      Stream stream = open();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  while (true) {
                    stream.output().write(requests);
                  }
                } catch (IOException e) {
                  // The victim takes no more, because it cannot answer.
                }
              });
    }
    Cluster.await("requests pile up", () -> victim.host().undeliveredBytes() > 512 * 1024);
    long grown = usedHeapBytes() - before;
    // A part of it is what the stranger, which is in this process, leaves unread.
    assertTrue(grown < 24_000_000, () -> grown + " bytes for answers unread");
  }

  private static long usedHeapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void records_ofOneWithoutEnd_driveOutItsOwn() throws Exception {
    byte[] honest = Cluster.key("honest");
    cluster.node(1).kad().node().provide(List.of(honest));
    Cluster.await("the honest one's is kept", () -> victim.kad().node().knowsProviderOf(honest));
    int most = KadOptions.DEFAULT.maxRecords();
    List<KadMessage> records = new ArrayList<>();
    for (int i = 0; i < most + 5000; i++) {
      records.add(
          new KadMessage(
              KadMessage.Type.ADD_PROVIDER,
              Cluster.key("invented " + i),
              List.of(),
              List.of(new KadPeer(stranger.id(), stranger.addresses()))));
    }
    KadStream stream = kadStream();
    stream.tell(records, Duration.ofSeconds(30));
    stream.close();
    assertEquals(most, victim.kad().node().recordCount());
    assertTrue(victim.kad().node().knowsProviderOf(honest));
    assertTrue(!victim.kad().node().knowsProviderOf(Cluster.key("invented 0")));
    assertTrue(victim.kad().node().knowsProviderOf(Cluster.key("invented " + (most + 4999))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8080808010", // 4 GiB,
        "04deadbeef", // garbage,
        "020805", // a ping in answer to another question,
        "020803" + "020803" + "0208", // more than was asked for,
        "", // nothing.
      })
  void search_findsWhoHasIt_whenAnotherPeerAnswersNonsense(String hex) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    // A peer that is new is asked at once, and forgotten for nonsense: it waits until it is seen.
    CompletableFuture<Void> known = new CompletableFuture<>();
    stranger.handle(
        PROTOCOL,
        stream -> {
          if (stream.input().read() >= 0) {
            asked.incrementAndGet();
            known.join();
            stream.output().write(HexFormat.of().parseHex(hex));
          }
        });
    stranger.pushIdentify();
    Cluster.await("the stranger is known", () -> victim.kad().node().peerCount() == 3);
    known.complete(null);
    byte[] key = Cluster.key("node 2 has it");
    cluster.node(2).kad().node().provide(List.of(key));
    Cluster.await("it is announced", () -> cluster.node(1).kad().node().knowsProviderOf(key));
    List<PeerId> found = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger ended = new AtomicInteger();
    victim
        .kad()
        .node()
        .findProviders(key, provider -> found.add(provider.id()), ended::incrementAndGet);
    Cluster.await("the search ends", () -> ended.get() == 1);
    assertTrue(asked.get() > 0, "the stranger was asked");
    assertEquals(List.of(cluster.node(2).host().id()), found);
  }

  @Test
  void search_ends_whenAPeerNamesTenThousandCloserOnes() throws Exception {
    // Ports of this address at which nobody listens.
    List<Multiaddr> nowhere = List.of(Multiaddr.parse("/ip4/127.0.0.67/tcp/1"));
    List<KadPeer> invented = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      invented.add(new KadPeer(new PeerId(Cluster.hash("invented " + i)), nowhere));
    }
    AtomicInteger asked = new AtomicInteger();
    stranger.handle(
        PROTOCOL,
        stream -> {
          try (MessageReader reader =
              new MessageReader(stream, new MessageMemory(1, 1024 * 1024))) {
            Optional<KadMessage> request = reader.next(TIMEOUT);
            while (request.isPresent()) {
              asked.incrementAndGet();
              KadMessage answer =
                  new KadMessage(request.get().type(), request.get().key(), invented, invented);
              stream.output().write(Wire.encode(answer));
              request = reader.next(TIMEOUT);
            }
          }
        });
    stranger.pushIdentify();
    Cluster.await("the stranger is known", () -> victim.kad().node().peerCount() == 3);
    AtomicInteger found = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    victim.kad().node().findProviders(KEY, _ -> found.incrementAndGet(), ended::incrementAndGet);
    Cluster.await("the search ends", () -> ended.get() == 1);
    assertTrue(asked.get() > 0, "the stranger was asked");
    assertTrue(found.get() <= 64, () -> found + " providers were believed");
    for (KadPeer peer : victim.kad().node().peers()) {
      assertTrue(victim.host().isConnected(peer.id()), () -> peer + " was invented");
    }
  }
}
