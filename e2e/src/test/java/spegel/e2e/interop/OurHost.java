package spegel.e2e.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Together;
import spegel.libp2p.Identity;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.host.Host;
import spegel.libp2p.host.HostOptions;
import spegel.libp2p.host.PeerInfo;
import spegel.libp2p.ping.Ping;
import spegel.multiformats.Multiaddr;

/** A host of ours in the tests' process: it serves the tests' protocols, and speaks them. */
final class OurHost implements AutoCloseable {
  private static final Duration CALL_WITHIN = Duration.ofSeconds(20);
  private static final Duration TRANSFER_WITHIN = Duration.ofSeconds(60);

  private final Host host;
  private final ServedProtocols served;

  private OurHost(Host host) {
    this.host = host;
    this.served = ServedProtocols.on(host);
  }

  /** A host of a new identity on a free port of the loopback address. */
  static OurHost start() {
    return start(Identity.generate(), 0, UnaryOperator.identity());
  }

  static OurHost start(UnaryOperator<HostOptions> adapted) {
    return start(Identity.generate(), 0, adapted);
  }

  static OurHost start(Identity identity, int port, UnaryOperator<HostOptions> adapted) {
    InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      return new OurHost(Host.start(adapted.apply(HostOptions.of(identity, listen))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Host host() {
    return host;
  }

  PeerId id() {
    return host.id();
  }

  int port() {
    return host.listenAddress().getPort();
  }

  ServedProtocols served() {
    return served;
  }

  void connect(ForeignHost peer) {
    connect(peer.id(), peer.addresses());
  }

  void connect(PeerId peer, List<Multiaddr> addresses) {
    try {
      host.connect(peer, addresses);
    } catch (IOException e) {
      throw new AssertionError("connecting to " + peer, e);
    }
  }

  /** What the peer has said of itself, as soon as it has. */
  PeerInfo identified(PeerId peer) {
    return Await.value("the peer identifies itself", CALL_WITHIN, () -> host.info(peer));
  }

  void awaitDisconnected(PeerId peer) {
    Await.until("the connection has ended here", CALL_WITHIN, () -> !host.isConnected(peer));
  }

  /** Pings so many times on one stream. */
  void ping(PeerId peer, int count) {
    on(
        peer,
        Ping.PROTOCOL,
        CALL_WITHIN,
        stream -> {
          for (int i = 0; i < count; i++) {
            assertTrue(Ping.measure(stream).compareTo(CALL_WITHIN) < 0);
          }
        });
  }

  /** What is done with a stream. */
  interface Use {
    void with(Stream stream) throws IOException;
  }

  /** Uses a stream, every single read and write of which has the time given. */
  void on(PeerId peer, String protocol, Duration within, Use use) {
    try (Stream stream = host.open(peer, protocol)) {
      stream.deadline(within);
      use.with(stream);
    } catch (IOException e) {
      throw new AssertionError(protocol + " with " + peer, e);
    }
  }

  /** Has the peer echo on so many streams at once, each open until all are. */
  void echo(PeerId peer, int streams, int bytes) {
    CountDownLatch greeted = new CountDownLatch(streams);
    Together.times(
        streams,
        i ->
            on(
                peer,
                ServedProtocols.ECHO,
                TRANSFER_WITHIN,
                stream -> {
                  try {
                    stream.output().write('1');
                    assertEquals('1', stream.input().read());
                  } finally {
                    greeted.countDown(); // One that fails does not hold up the others.
                  }
                  await(greeted);
                  echoRest(stream, bytes - 1, i);
                }));
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(TRANSFER_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException(latch.getCount() + " streams were not open in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void echoRest(Stream stream, int bytes, int seed) throws IOException {
    byte[] payload = new byte[bytes];
    new Random(seed).nextBytes(payload);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    stream.output().write(payload);
                    stream.output().close();
                  } catch (IOException e) {
                    stream.reset(); // The reader finds it out.
                  }
                });
    assertArrayEquals(payload, stream.input().readAllBytes());
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Sends random bytes to the peer's sink, counting them, and checks by hash that they came. */
  void send(PeerId peer, long bytes, AtomicLong counter) {
    on(
        peer,
        ServedProtocols.SINK,
        TRANSFER_WITHIN,
        stream -> {
          byte[] digest = ServedProtocols.writeRandom(stream.output(), bytes, counter);
          stream.output().close();
          assertArrayEquals(digest, stream.input().readAllBytes());
        });
  }

  /** Reads from the peer's source and checks by hash what came. */
  void fetch(PeerId peer, long bytes) {
    on(
        peer,
        ServedProtocols.SOURCE,
        TRANSFER_WITHIN,
        stream -> {
          new DataOutputStream(stream.output()).writeLong(bytes);
          MessageDigest digest = ServedProtocols.sha256();
          byte[] chunk = new byte[ServedProtocols.CHUNK_BYTES];
          for (long left = bytes; left > 0; ) {
            int count = stream.input().read(chunk, 0, (int) Math.min(left, chunk.length));
            assertTrue(count > 0, "the stream ended " + left + " bytes too early");
            digest.update(chunk, 0, count);
            left -= count;
          }
          assertArrayEquals(digest.digest(), stream.input().readAllBytes());
        });
  }

  /** Uses a hold stream, once the peer serves it. */
  private void onHold(PeerId peer, Use use) {
    on(
        peer,
        ServedProtocols.HOLD,
        CALL_WITHIN,
        stream -> {
          assertEquals('+', stream.input().read());
          use.with(stream);
        });
  }

  /** Ends its own side of a hold stream first; gives what came after that. */
  String halfClose(PeerId peer) {
    StringBuilder rest = new StringBuilder();
    onHold(
        peer,
        stream -> {
          stream.output().close();
          rest.append(new String(stream.input().readAllBytes(), StandardCharsets.US_ASCII));
        });
    return rest.toString();
  }

  /** Resets a hold stream that the peer serves. */
  void reset(PeerId peer) {
    onHold(peer, Stream::reset);
  }

  /** Has the peer reset a stream, and fails when it ends in another way. */
  void expectReset(PeerId peer) {
    on(
        peer,
        ServedProtocols.RESET,
        CALL_WITHIN,
        stream -> {
          stream.output().write('1');
          IOException failure =
              assertThrows(IOException.class, () -> stream.input().readAllBytes());
          assertTrue(ServedProtocols.isReset(failure), failure.toString());
        });
  }

  @Override
  public void close() {
    host.close();
  }
}
