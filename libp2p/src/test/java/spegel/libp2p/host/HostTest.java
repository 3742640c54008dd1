package spegel.libp2p.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.identify.IdentifyMessage;
import spegel.libp2p.ping.Ping;
import spegel.multiformats.Multiaddr;

@Timeout(60)
final class HostTest {
  private Host alice = start();
  private Host bob = start();

  private static Host start() {
    try {
      return Host.start(
          HostOptions.of(
              Identity.generate(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void distinct() {
    assertTrue(!alice.id().equals(bob.id()));
  }

  @AfterEach
  void close() {
    alice.close();
    bob.close();
  }

  @Test
  void connect_provesTheId_andBothSidesIdentify() throws Exception {
    BlockingQueue<PeerInfo> seen = new LinkedBlockingQueue<>();
    for (Host host : List.of(alice, bob)) {
      host.listen(
          new PeerListener() {
            @Override
            public void identified(PeerInfo peer) {
              seen.add(peer);
            }

            @Override
            public void disconnected(PeerId peer) {}
          });
    }
    alice.connect(bob.id(), bob.addresses());
    PeerInfo first = take(seen);
    PeerInfo second = take(seen);
    assertEquals(
        List.of(alice.id(), bob.id()).stream().map(PeerId::toString).sorted().toList(),
        List.of(first.peer(), second.peer()).stream().map(PeerId::toString).sorted().toList());
    assertTrue(first.protocols().contains(Ping.PROTOCOL));
    assertEquals(1, first.addresses().size());
  }

  private static <T> T take(BlockingQueue<T> seen) throws InterruptedException {
    T info = seen.poll(10, TimeUnit.SECONDS);
    if (info == null) {
      throw new AssertionError("no identify within 10 s");
    }
    return info;
  }

  @Test
  void pushIdentify_waits_untilThePeerHasTakenInWhatWasPushedBefore() throws Exception {
    BlockingQueue<List<String>> heard = new LinkedBlockingQueue<>();
    CountDownLatch takenIn = new CountDownLatch(1);
    alice.connect(bob.id(), bob.addresses());
    while (alice.info(bob.id()).isEmpty()) {
      Thread.onSpinWait();
    }
    bob.handle(
        IdentifyMessage.PUSH_PROTOCOL,
        stream -> {
          heard.add(IdentifyMessage.readFrom(stream.input()).protocols());
          try {
            assertTrue(takenIn.await(9, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    alice.handle("/first", _ -> {});
    alice.pushIdentify();
    assertTrue(take(heard).contains("/first"));
    alice.stopHandling("/first");
    alice.handle("/second", _ -> {});
    alice.pushIdentify();
    try (Stream stream = alice.open(bob.id(), Ping.PROTOCOL)) {
      for (int i = 0; i < 200; i++) {
        Ping.measure(stream);
      }
    }
    assertTrue(heard.isEmpty(), "two pushes are under way side by side");
    takenIn.countDown();
    List<String> latest = take(heard);
    assertTrue(latest.contains("/second") && !latest.contains("/first"), latest::toString);
  }

  @Test
  void close_freesTheAddress() throws Exception {
    int port = bob.listenAddress().getPort();
    for (int i = 0; i < 200; i++) {
      bob.close();
      bob =
          Host.start(
              HostOptions.of(
                  Identity.generate(),
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }
  }

  @Test
  void connect_learnsTheId_whenOnlyTheAddressIsKnown() throws Exception {
    assertEquals(bob.id(), alice.connect(bob.listenAddress()));
    assertTrue(alice.isConnected(bob.id()));
  }

  @Test
  void connect_throws_whenAnotherPeerAnswers() {
    PeerId nobody = Identity.generate().peerId();
    IOException e = assertThrows(IOException.class, () -> alice.connect(nobody, bob.addresses()));
    assertTrue(String.valueOf(e.getMessage()).contains("reached " + bob.id()), e.getMessage());
    IOException second =
        assertThrows(IOException.class, () -> alice.connect(nobody, bob.addresses()));
    assertTrue(String.valueOf(second.getMessage()).contains("left alone"), second.getMessage());
  }

  @Test
  void connect_triesOtherAddresses_whenAWrongOneFailedBefore() throws Exception {
    Host carol = start();
    try (carol) {
      assertThrows(IOException.class, () -> alice.connect(bob.id(), carol.addresses()));
      alice.connect(bob.id(), bob.addresses());
      assertTrue(alice.isConnected(bob.id()));
    }
  }

  @Test
  void connect_triesOwnAddresses_whenItSharedADialThatFailed() throws Exception {
    HostOptions options =
        HostOptions.of(
                Identity.generate(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(10));
    // Accepts, and never says a word: whoever dials it waits.
    try (Host carol = Host.start(options);
        ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Multiaddr nobody = Multiaddr.tcp((InetSocketAddress) silent.getLocalSocketAddress());
      Thread other =
          Thread.ofVirtual()
              .start(
                  () ->
                      assertThrows(
                          IOException.class, () -> carol.connect(bob.id(), List.of(nobody))));
      silent.accept();
      carol.connect(bob.id(), bob.addresses());
      assertTrue(carol.isConnected(bob.id()));
      other.join();
    }
  }

  @Test
  void ping_comesBack() throws Exception {
    alice.connect(bob.id(), bob.addresses());
    try (Stream stream = alice.open(bob.id(), Ping.PROTOCOL)) {
      for (int i = 0; i < 100; i++) {
        assertTrue(Ping.measure(stream).compareTo(Duration.ofSeconds(5)) < 0);
      }
    }
  }

  @Test
  void open_throwsOnRead_whenThePeerDoesNotSpeakTheProtocol() throws Exception {
    alice.connect(bob.id(), bob.addresses());
    try (Stream stream = alice.open(bob.id(), "/nosuch/1.0.0")) {
      stream.output().write(1);
      assertThrows(IOException.class, () -> stream.input().read());
    }
  }

  @Test
  void stream_carriesBytesBothWays_whole() throws Exception {
    bob.handle("/echo/1", stream -> stream.input().transferTo(stream.output()));
    alice.connect(bob.id(), bob.addresses());
    byte[] sent = new byte[5_000_000];
    new Random(3).nextBytes(sent);
    try (Stream stream = alice.open(bob.id(), "/echo/1")) {
      stream.deadline(Duration.ofSeconds(20));
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      stream.output().write(sent);
                      stream.output().close();
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      assertArrayEquals(sent, stream.input().readAllBytes());
      writer.join();
    }
  }

  @Test
  void write_waits_whenNobodyReads_andOtherStreamsGoOn() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    bob.handle(
        "/stall/1",
        _ -> {
          try {
            assertTrue(over.await(20, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    alice.connect(bob.id(), bob.addresses());
    Stream stream = alice.open(bob.id(), "/stall/1");
    stream.deadline(Duration.ofMillis(300));
    assertThrows(IOException.class, () -> stream.output().write(new byte[1_000_000]));
    try (Stream ping = alice.open(bob.id(), Ping.PROTOCOL)) {
      Ping.measure(ping);
    }
    over.countDown();
  }

  @Test
  void disconnected_isHeard_whenThePeerCloses() throws Exception {
    BlockingQueue<PeerId> gone = new LinkedBlockingQueue<>();
    alice.listen(
        new PeerListener() {
          @Override
          public void identified(PeerInfo peer) {}

          @Override
          public void disconnected(PeerId peer) {
            gone.add(peer);
          }
        });
    alice.connect(bob.id(), bob.addresses());
    bob.close();
    assertEquals(bob.id(), gone.poll(10, TimeUnit.SECONDS));
    assertTrue(alice.peers().isEmpty());
  }

  @Test
  void manyStreams_areServedAtOnce() throws Exception {
    alice.connect(bob.id(), bob.addresses());
    Stream[] streams = new Stream[200];
    for (int i = 0; i < streams.length; i++) {
      streams[i] = alice.open(bob.id(), Ping.PROTOCOL);
      Ping.measure(streams[i]);
    }
    assertEquals(200, Arrays.stream(streams).distinct().count());
    for (Stream stream : streams) {
      Ping.measure(stream);
      stream.close();
    }
  }
}
