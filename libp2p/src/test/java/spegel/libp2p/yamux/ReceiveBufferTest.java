package spegel.libp2p.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import spegel.libp2p.PeerId;
import spegel.libp2p.SecureChannel;

final class ReceiveBufferTest {

  /** Gives the numbers from 0 on, as bytes. */
  private static final class Counting implements SecureChannel {
    private int next;

    @Override
    public void read(byte[] to, int offset, int length) {
      for (int i = 0; i < length; i++) {
        to[offset + i] = (byte) next++;
      }
    }

    @Override
    public boolean fill() {
      return true;
    }

    @Override
    public int available() {
      return Integer.MAX_VALUE;
    }

    @Override
    public PeerId peer() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<String> muxer() {
      return Optional.empty();
    }

    @Override
    public void write(byte[] head, byte[] from, int offset, int length) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void take_givesWhatWasAppended_inOrder() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Counting channel = new Counting();
    ReceiveBuffer buffer = new ReceiveBuffer();
    Queue<Byte> expected = new ArrayDeque<>();
    byte next = 0;
    for (int step = 0; step < 2000; step++) {
      if (expected.size() < Yamux.INITIAL_WINDOW_BYTES / 4 && random.nextInt(3) > 0) {
        int count = 1 + random.nextInt(1 << random.nextInt(1, 16));
        buffer.append(channel, count);
        for (int i = 0; i < count; i++) {
          expected.add(next++);
        }
      } else {
        byte[] to = new byte[1 + random.nextInt(1 << random.nextInt(1, 17))];
        int offset = random.nextInt(to.length);
        int asked = to.length - offset;
        int count = buffer.take(to, offset, asked);
        assertEquals(Math.min(asked, expected.size()), count, "seed " + seed);
        for (int i = 0; i < count; i++) {
          assertEquals(expected.remove(), to[offset + i], "seed " + seed);
        }
      }
      assertEquals(expected.size(), buffer.size(), "seed " + seed);
      if (random.nextInt(100) == 0) {
        assertEquals(expected.size(), buffer.clear(), "seed " + seed);
        assertEquals(0, buffer.size());
        expected.clear();
      }
    }
  }
}
