package spegel.libp2p.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.libp2p.Identity;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.SecureChannel;

@Timeout(60)
final class NoiseChannelTest {
  private static final int MAX = NoiseChannel.MAX_PLAIN_BYTES;

  /** Lengths of head and body around every bound that matters, and beyond several frames. */
  private static final int[][] LENGTHS = {
    {0, 0},
    {0, 1},
    {12, 0},
    {12, 1},
    {12, 2018},
    {12, 2019},
    {12, 2048},
    {12, MAX - 12},
    {12, MAX - 11},
    {0, 2 * MAX},
    {MAX, 1},
    {MAX + 1, 1},
    {3 * MAX, 3 * MAX + 7},
    {12, 500_000}
  };

  /** Two ends of one connection. */
  private record Pair(NoiseChannel dialer, NoiseChannel listener, Socket near, Socket far)
      implements AutoCloseable {
    static Pair connect() throws Exception {
      try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Socket near = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket far = server.accept();
        Future<NoiseChannel> listener =
            threads.submit(
                () ->
                    NoiseHandshake.respond(
                        Identity.generate(),
                        List.of(),
                        far.getInputStream(),
                        far.getOutputStream()));
        NoiseChannel dialer =
            NoiseHandshake.initiate(
                Identity.generate(),
                List.of(),
                null,
                near.getInputStream(),
                near.getOutputStream());
        return new Pair(dialer, listener.get(), near, far);
      }
    }

    @Override
    public void close() throws IOException {
      near.close();
      far.close();
    }
  }

  @Test
  void write_arrivesAsItWas_whateverItsLengthAndWhoeverElseWrites() throws Exception {
    try (Pair one = Pair.connect();
        Pair other = Pair.connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> directions = new ArrayList<>();
      directions.add(threads.submit(() -> exchange(one.dialer, one.listener, 1)));
      directions.add(threads.submit(() -> exchange(one.listener, one.dialer, 2)));
      directions.add(threads.submit(() -> exchange(other.dialer, other.listener, 3)));
      directions.add(threads.submit(() -> exchange(other.listener, other.dialer, 4)));
      for (Future<Void> direction : directions) {
        direction.get();
      }
    }
  }

  private static Void exchange(NoiseChannel from, NoiseChannel to, long seed) throws Exception {
    Random random = new Random(seed);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    List<byte[][]> writes = new ArrayList<>();
    for (int[] lengths : LENGTHS) {
      byte[] head = new byte[lengths[0]];
      byte[] body = new byte[lengths[1]];
      random.nextBytes(head);
      random.nextBytes(body);
      writes.add(new byte[][] {head, body});
      expected.writeBytes(head);
      expected.writeBytes(body);
    }
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (byte[][] write : writes) {
                      byte[] padded = new byte[3 + write[1].length + 5];
                      System.arraycopy(write[1], 0, padded, 3, write[1].length);
                      from.write(write[0], padded, 3, write[1].length);
                    }
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    assertArrayEquals(expected.toByteArray(), read(to, expected.size()));
    writer.join();
    return null;
  }

  private static byte[] read(SecureChannel channel, int length) throws IOException {
    byte[] got = new byte[length];
    for (int at = 0; at < length; ) {
      assertTrue(channel.fill());
      int piece = Math.min(Math.min(channel.available(), length - at), 10_000);
      channel.read(got, at, piece);
      at += piece;
    }
    return got;
  }

  @Test
  void fill_fails_whenAFrameIsNotWhatThePeerEncrypted() throws Exception {
    try (Pair pair = Pair.connect()) {
      byte[] frame = new byte[2 + 3000];
      frame[0] = (byte) (3000 >>> 8);
      frame[1] = (byte) 3000;
      pair.near.getOutputStream().write(frame);
      assertThrows(Libp2pException.class, pair.listener::fill);
      assertEquals(0, pair.listener.available());
    }
  }

  @Test
  void fill_isFalse_whenTheConnectionEndsBetweenFrames() throws Exception {
    try (Pair pair = Pair.connect()) {
      pair.dialer.write(new byte[] {1, 2, 3});
      pair.near.shutdownOutput();
      assertArrayEquals(new byte[] {1, 2, 3}, read(pair.listener, 3));
      assertFalse(pair.listener.fill());
    }
  }
}
