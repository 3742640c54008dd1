package spegel.libp2p.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import spegel.libp2p.Identity;
import spegel.libp2p.Stream;
import spegel.libp2p.identify.IdentifyMessage;
import spegel.libp2p.ping.Ping;

/**
 * Peers that break the rules, or keep them and take all that they allow: what becomes of them, and
 * that an honest peer does not notice.
 */
@Timeout(60)
final class HostileHostTest {
  private static final String ATTACKER = "127.0.0.2";
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final long MIB = 1024 * 1024;

  /** Much less than the time-out of a handshake, and much more than one takes. */
  private static final Duration SOON = Duration.ofSeconds(8);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private Host victim;
  private Host honest;
  private Stream pings;

  @BeforeEach
  void start() throws IOException {
    victim = host(options());
    honest = host(options());
    honest.connect(victim.id(), victim.addresses());
    pings = honest.open(victim.id(), Ping.PROTOCOL);
    pings.deadline(TIMEOUT);
    Ping.measure(pings);
  }

  private static HostOptions options() {
    return HostOptions.of(
        Identity.generate(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private Host host(HostOptions options) throws IOException {
    Host host = Host.start(options);
    opened.add(host);
    return host;
  }

  private RawPeer attacker() throws IOException {
    RawPeer peer = RawPeer.dial(ATTACKER, victim);
    opened.add(peer);
    return peer;
  }

  @AfterEach
  void theHonestPeerIsServed_andSoIsANewOne() throws Exception {
    try {
      assertServed();
      Host another = host(options());
      another.connect(victim.id(), victim.addresses());
      try (Stream stream = another.open(victim.id(), Ping.PROTOCOL)) {
        stream.deadline(TIMEOUT);
        Ping.measure(stream);
      }
    } finally {
      over.countDown();
      for (AutoCloseable each : opened.reversed()) {
        each.close();
      }
    }
  }

  private void assertServed() throws IOException {
    Duration time = Ping.measure(pings);
    assertTrue(time.compareTo(SOON) < 0, () -> "the honest peer waited for " + time);
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, () -> "not in time: " + what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static long usedHeapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  // Handshakes.

  /** How far a handshake goes, before nothing more is said. */
  enum Step {
    HEADER("132f6d756c746973747265616d2f312e302e300a"),
    HALF_A_PROPOSAL("132f6d756c746973747265616d2f312e302e300a" + "072f6e6f"),
    PROPOSAL("132f6d756c746973747265616d2f312e302e300a" + "072f6e6f6973650a"),
    HALF_A_MESSAGE(PROPOSAL.hex + "0020" + "ab".repeat(16)),
    MESSAGE(PROPOSAL.hex + "0020" + "09".repeat(32)),
    LONGEST_THIRD_MESSAGE(MESSAGE.hex + "1070" + "00".repeat(1000));

    private final String hex;

    Step(String hex) {
      this.hex = hex;
    }

    void take(Socket socket) throws IOException {
      socket.getOutputStream().write(HexFormat.of().parseHex(hex));
      // The answer says that the handshake is under way; it waits for a proposal that has begun.
      if (this != HALF_A_PROPOSAL) {
        assertEquals(0x13, socket.getInputStream().read());
      }
    }
  }

  private Socket stalled(Step step) throws IOException {
    Socket socket = RawPeer.connect(ATTACKER, victim);
    opened.add(socket);
    step.take(socket);
    return socket;
  }

  @Test
  void handshakes_thatAreStalled_keepOutNobodyElse() throws Exception {
    Step[] steps = Step.values();
    for (int i = 0; i < 100; i++) {
      stalled(steps[i % steps.length]);
    }
    long begin = System.nanoTime();
    Host another = host(options());
    another.connect(victim.id(), victim.addresses());
    Duration time = Duration.ofNanos(System.nanoTime() - begin);
    assertTrue(time.compareTo(SOON) < 0, () -> "connected only after " + time);
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void handshake_isCutOff_whereverItStalls(Step step) throws Exception {
    Host impatient = host(options().withTimeouts(TIMEOUT, Duration.ofMillis(200)));
    try (Socket socket = RawPeer.connect(ATTACKER, impatient)) {
      step.take(socket);
      assertEnded(socket.getInputStream());
    }
  }

  private static void assertEnded(InputStream in) {
    try {
      in.readAllBytes();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection was not cut off", e);
    } catch (IOException e) {
      // It was reset, which is an end, too.
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "001f" + "ab", // A first message that is too short,
        "ffff" + "ab", // one of 64 KiB,
        "0020" + "0000000000000000000000000000000000000000000000000000000000000000", // no key.
      })
  void handshake_isCutOff_whenItsFirstMessageIsNone(String hex) throws Exception {
    try (Socket socket = RawPeer.connect(ATTACKER, victim)) {
      Step.PROPOSAL.take(socket);
      socket.getOutputStream().write(HexFormat.of().parseHex(hex));
      assertEnded(socket.getInputStream());
    }
  }

  @Test
  void handshake_isCutOff_whenItProposesWithoutEnd() throws Exception {
    try (Socket socket = RawPeer.connect(ATTACKER, victim)) {
      Step.HEADER.take(socket);
      OutputStream out = socket.getOutputStream();
      assertThrows(
          IOException.class,
          () -> {
            while (true) {
              out.write(HexFormat.of().parseHex("032f780a"));
            }
          });
    }
  }

  // Connections.

  @Test
  void connections_ofOneNetwork_leaveRoomForOthers() throws Exception {
    int most = options().maxConnectionsPerNetwork();
    List<RawPeer> all = new ArrayList<>();
    for (int i = 0; i <= most; i++) {
      all.add(attacker());
    }
    assertTrue(all.getLast().isCutOff());
    all.getFirst().close();
    await("there is room again", () -> victim.peers().size() <= most);
    RawPeer next = attacker();
    next.send(RawPeer.opening(1, Ping.PROTOCOL));
    await("it is let in", () -> victim.peers().size() == most + 1);
  }

  @Test
  void frame_ofNoiseThatNeverComes_costsABuffer() throws Exception {
    long before = usedHeapBytes();
    for (int i = 0; i < 100; i++) {
      attacker().sendInTheClear((byte) 0xff, (byte) 0xff, (byte) 0);
    }
    long grown = usedHeapBytes() - before;
    // 64 KiB each, and what a connection costs by itself, at both ends.
    assertTrue(grown < 24 * MIB, () -> grown + " bytes for 100 frames");
  }

  @Test
  void connection_isCutOff_whenAFrameIsNotEncryptedForUs() throws Exception {
    RawPeer peer = attacker();
    peer.sendInTheClear(new byte[100]);
    assertTrue(peer.isCutOff());
  }

  // Yamux.

  @ParameterizedTest
  @ValueSource(ints = {0xffff_ffff, 0x7fff_ffff, 256 * 1024 + 1})
  void connection_isCutOff_whenAFrameIsLongerThanAnyWindow(int length) throws Exception {
    RawPeer onNewStream = attacker();
    onNewStream.send(RawPeer.frame(RawPeer.DATA, RawPeer.SYN, 1, length));
    assertTrue(onNewStream.isCutOff());
    RawPeer onNone = attacker();
    onNone.send(RawPeer.frame(RawPeer.DATA, 0, 1, length));
    assertTrue(onNone.isCutOff());
  }

  @Test
  void connection_isCutOff_whenAWindowGrowsBeyondItsBound() throws Exception {
    RawPeer peer = attacker();
    peer.send(RawPeer.opening(1, Ping.PROTOCOL));
    peer.send(RawPeer.frame(RawPeer.WINDOW_UPDATE, 0, 1, 0xffff_ffff));
    assertTrue(peer.isCutOff());
  }

  @Test
  void connection_isCutOff_whenItPingsWithoutEnd() throws Exception {
    RawPeer peer = attacker();
    peer.send(RawPeer.repeated(RawPeer.frame(RawPeer.PING, RawPeer.SYN, 0, 7), 1000));
    assertTrue(peer.isCutOff());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, RawPeer.SYN | RawPeer.RST, RawPeer.RST})
  void others_areServed_besideAFloodOfFrames(int flags) throws Exception {
    AtomicBoolean flooding = new AtomicBoolean(true);
    List<Thread> floods = new ArrayList<>();
    byte[] flood = RawPeer.repeated(RawPeer.frame(RawPeer.WINDOW_UPDATE, flags, 1, 0), 5000);
    long before = usedHeapBytes();
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      RawPeer peer = attacker();
      // Not on a virtual thread: those are the victim's, in this process.
      floods.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      while (flooding.get()) {
                        peer.send(flood);
                      }
                    } catch (IOException e) {
                      // It was cut off.
                    }
                  }));
    }
    try {
      for (int i = 0; i < 20; i++) {
        assertServed();
      }
      long grown = usedHeapBytes() - before;
      assertTrue(grown < 24 * MIB, () -> grown + " bytes beside a flood");
    } finally {
      flooding.set(false);
      for (Thread thread : floods) {
        thread.join();
      }
    }
  }

  // Streams.

  /** Serves a protocol whose handlers go on to the test's end; gives how many there are. */
  private AtomicInteger serveForEver() {
    AtomicInteger serving = new AtomicInteger();
    victim.handle(
        "/slow",
        _ -> {
          serving.incrementAndGet();
          try {
            over.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    return serving;
  }

  @Test
  void streams_thatAreResetAtOnce_countUntilTheirHandlersEnd() throws Exception {
    AtomicInteger serving = serveForEver();
    RawPeer peer = attacker();
    for (int i = 0; i < 100; i++) {
      // A stream at a time: in the end none of them is open, and the first are still served.
      int id = 1 + 2 * i;
      peer.send(RawPeer.opening(id, "/slow"));
      int before = i;
      await("the stream is served", () -> serving.get() > before);
      peer.send(RawPeer.frame(RawPeer.WINDOW_UPDATE, RawPeer.RST, id, 0));
    }
    for (int i = 100; i < 1000; i++) {
      peer.send(RawPeer.opening(1 + 2 * i, "/slow"));
      peer.send(RawPeer.frame(RawPeer.WINDOW_UPDATE, RawPeer.RST, 1 + 2 * i, 0));
    }
    // A ping behind them says that all have been taken in.
    peer.send(RawPeer.repeated(RawPeer.frame(RawPeer.PING, RawPeer.SYN, 0, 7), 1000));
    assertTrue(peer.isCutOff());
    int most = options().maxInboundStreams();
    assertTrue(serving.get() <= most, () -> serving + " handlers run");
  }

  @Test
  void streams_ofMany_leaveSomeToEachOther() throws Exception {
    AtomicInteger serving = serveForEver();
    HostOptions bounds = options();
    int peers = bounds.maxSharedStreams() / bounds.maxInboundStreams() + 2;
    for (int i = 0; i < peers; i++) {
      RawPeer peer = attacker();
      for (int j = 0; j < bounds.maxInboundStreams() + 10; j++) {
        peer.send(RawPeer.opening(1 + 2 * j, "/slow"));
      }
    }
    // The last one's, of which only the reserved ones are left.
    int most = bounds.maxSharedStreams() + peers * InboundStreams.RESERVED_PER_CONNECTION;
    await("all are taken", () -> serving.get() >= most);
    assertServed();
    assertEquals(most, serving.get());
  }

  @Test
  void streams_whoseAnswersNobodyReads_waitInBoundedMemory() throws Exception {
    byte[] answer = new byte[1024 * 1024];
    AtomicInteger answering = new AtomicInteger();
    victim.handle(
        "/long",
        stream -> {
          answering.incrementAndGet();
          stream.output().write(answer);
        });
    long before = usedHeapBytes();
    RawPeer peer = attacker();
    for (int i = 0; i < 200; i++) {
      peer.send(RawPeer.opening(1 + 2 * i, "/long"));
    }
    // Until the connection has taken what it takes unread.
    await("some are answered", () -> answering.get() >= 5);
    for (int i = 0; i < 20; i++) {
      assertServed();
    }
    long grown = usedHeapBytes() - before;
    assertTrue(grown < 48 * MIB, () -> grown + " bytes for answers that nobody reads");
  }

  @Test
  void bytes_thatNobodyReads_areBounded() throws Exception {
    serveForEver();
    byte[] window = new byte[60_000];
    for (int i = 0; i < 20; i++) {
      RawPeer peer = attacker();
      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  for (int stream = 1; stream < 200; stream += 2) {
                    peer.send(RawPeer.opening(stream, "/slow"));
                    for (int frame = 0; frame < 4; frame++) {
                      peer.send(RawPeer.frame(RawPeer.DATA, 0, stream, window.length, window));
                    }
                  }
                } catch (IOException e) {
                  // The test is over.
                }
              });
    }
    long most = options().maxUndeliveredBytes();
    await("the bound is reached", () -> victim.undeliveredBytes() >= most);
    for (int i = 0; i < 20; i++) {
      assertServed();
      long held = victim.undeliveredBytes();
      // Each connection may end the frame that it has begun.
      assertTrue(held <= most + 21L * window.length, () -> held + " bytes wait");
    }
  }

  @Test
  void stream_isReset_whenItProposesWithoutEnd() throws Exception {
    Host stranger = host(options());
    stranger.connect(victim.id(), victim.addresses());
    Stream stream = stranger.open(victim.id(), "/first");
    stream.deadline(TIMEOUT);
    assertThrows(
        IOException.class,
        () -> {
          while (true) {
            stream.output().write(HexFormat.of().parseHex("032f780a"));
          }
        });
  }

  // Identify.

  private Host strangerWhoSays(Identity key) throws IOException {
    Host stranger = host(options());
    stranger.handle(IdentifyMessage.PROTOCOL, stream -> lie(key).writeTo(stream.output()));
    return stranger;
  }

  private static IdentifyMessage lie(Identity key) {
    return new IdentifyMessage(key.publicKey(), List.of(), List.of("/lie"), null, "liar");
  }

  private Stream push(Host stranger) throws IOException {
    Stream stream = stranger.open(victim.id(), IdentifyMessage.PUSH_PROTOCOL);
    stream.deadline(TIMEOUT);
    return stream;
  }

  private static void assertReset(Stream stream) {
    IOException e = assertThrows(IOException.class, () -> stream.input().readAllBytes());
    assertTrue(String.valueOf(e.getMessage()).contains("reset the stream"), e.getMessage());
  }

  @Test
  void identify_isNotBelieved_whenItsKeyIsAnothers() throws Exception {
    Host stranger = strangerWhoSays(Identity.generate());
    stranger.connect(victim.id(), victim.addresses());
    Stream stream = push(stranger);
    lie(Identity.generate()).writeTo(stream.output());
    stream.output().close();
    assertReset(stream);
    assertEquals(Optional.empty(), victim.info(stranger.id()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8080808010", // A part of 4 GiB,
        "ffffffffffffffffff01", // of more than that,
        "814001", // one byte more than 8 KiB,
        "05080112", // a part that is cut off,
        "02ffff", // garbage.
      })
  void push_isReset_whenItBreaksTheProtocol(String hex) throws Exception {
    Host stranger = strangerWhoSays(Identity.generate());
    stranger.connect(victim.id(), victim.addresses());
    Stream stream = push(stranger);
    stream.output().write(HexFormat.of().parseHex(hex));
    stream.output().close();
    assertReset(stream);
  }

  @Test
  void pushes_areReset_whenTooManyOfOnePeerAreArriving() throws Exception {
    Host stranger = host(options());
    stranger.connect(victim.id(), victim.addresses());
    List<Stream> arriving = new ArrayList<>();
    for (int i = 0; i < ConnectionTable.MAX_PER_PEER; i++) {
      Stream stream = push(stranger);
      stream.output().write(5);
      arriving.add(stream);
    }
    Stream tooMany = push(stranger);
    tooMany.output().write(5);
    // Which of them comes last is the victim's threads' to say.
    arriving.add(tooMany);
    AtomicInteger resets = new AtomicInteger();
    for (Stream stream : arriving) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  stream.input().readAllBytes();
                } catch (IOException e) {
                  resets.incrementAndGet();
                }
              });
    }
    await("one is reset", () -> resets.get() == 1);
  }
}
