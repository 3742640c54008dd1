package spegel.peer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.ResourceLeakDetector;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import spegel.http.LogCapture;
import spegel.http.RawClient;

/** Many relays, and what they leave behind. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RelayLoadTest {
  private static final int MIB = 1024 * 1024;
  private static final int CLIENTS = 8;
  private static final byte[] CONTENT = new byte[2 * MIB];

  static {
    new Random(7).nextBytes(CONTENT);
  }

  private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();

  @BeforeEach
  void watchBuffers() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  @AfterEach
  void unwatchBuffers() {
    ResourceLeakDetector.setLevel(level);
  }

  /** Answers {@code /N} with the first N bytes of the content. */
  private static ScriptedPeer peer() throws IOException {
    return new ScriptedPeer(
        (head, connection, out) -> {
          int bytes = Integer.parseInt(head.substring(5, head.indexOf(" HTTP")));
          out.write(ScriptedPeer.head(200, bytes));
          out.write(CONTENT, 0, bytes);
          return true;
        });
  }

  private static int descriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }

  private static long directBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  private static void inThreads(int threads, ThrowingTask task) throws InterruptedException {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      all.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      task.run(number);
                    } catch (Exception | AssertionError e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : all) {
      thread.join();
    }
    assertEquals(List.of(), failures);
  }

  private interface ThrowingTask {
    void run(int number) throws Exception;
  }

  /** Waits until nothing is under way, and looks at what is left. */
  private static void assertNothingIsLeft(RelayNode node, ScriptedPeer peer, Carriers carriers)
      throws InterruptedException {
    Waiting.until("all relays ended", () -> node.ends().size() == node.relays().size());
    Waiting.until(
        "all pipes idle", () -> carriers.pipes().openCount() == carriers.pipes().idleCount());
    int idle = 2 * PeerClientOptions.DEFAULT.maxIdlePerPeer();
    Waiting.until("the peer's connections idle", () -> peer.open() <= idle);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void tenThousandSmallRelays_leaveNothing(Mode mode) throws Exception {
    int relays = 10_000;
    Carriers carriers = mode.carriers();
    try (LogCapture log = new LogCapture();
        ScriptedPeer peer = peer();
        RelayNode node = mode.node(carriers, peer)) {
      int before = 0;
      for (int round = 0; round < 2; round++) {
        int each = (round == 0 ? 160 : relays) / CLIENTS;
        inThreads(CLIENTS, number -> pull(node, new Random(number), each));
        assertNothingIsLeft(node, peer, carriers);
        if (round == 0) {
          before = descriptors();
        }
      }
      int allowed = before + 2 * 12 + 2 * 2 * PeerClientOptions.DEFAULT.maxIdlePerPeer();
      Waiting.until("descriptors closed", () -> descriptors() <= allowed);
      System.gc();
      assertTrue(node.relays().size() > relays);
      assertEquals(mode == Mode.SPLICE, carriers.pipes().openCount() > 0);
      assertEquals(List.of(), log.messages());
    }
  }

  /** Pulls small bodies; one in ten times it leaves in the middle of one. */
  private static void pull(RelayNode node, Random random, int times) throws IOException {
    RawClient client = node.connect();
    try {
      for (int i = 0; i < times; i++) {
        int bytes = 1 + random.nextInt(100_000);
        if (random.nextInt(10) > 0) {
          assertArrayEquals(Arrays.copyOf(CONTENT, bytes), client.get("/" + bytes).body());
          continue;
        }
        client.request("GET", "/" + bytes).replyHead();
        client.in().readNBytes(random.nextInt(bytes));
        client.socket().setSoLinger(random.nextBoolean(), 0);
        client.close();
        client = node.connect();
      }
    } finally {
      client.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void cancel_endsTheRelayOnce_atAnyMoment(Mode mode) throws Exception {
    long seed = 5;
    Random random = new Random(seed);
    int relays = 1_000;
    Carriers carriers = mode.carriers();
    try (ScriptedPeer peer = peer();
        LogCapture log = new LogCapture();
        RelayNode node = mode.node(carriers, peer)) {
      int before = descriptors();
      for (int i = 0; i < relays; i++) {
        int bytes = 1 + random.nextInt(random.nextBoolean() ? 2 * MIB : 100_000);
        int seen = node.relays().size();
        try (RawClient client = node.connect()) {
          client.request("GET", "/" + bytes);
          while (node.relays().size() == seen) {
            Thread.onSpinWait();
          }
          long end = System.nanoTime() + random.nextLong(2_000_000);
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          node.relays().stream().skip(seen).forEach(Relay::cancel);
          // Cut by a FIN, or whole: never a reset, and never a byte that is not the content's.
          client.socket().shutdownOutput();
          client.replyHead();
          byte[] body = client.readToEnd();
          assertEquals(
              -1, Arrays.mismatch(CONTENT, 0, body.length, body, 0, body.length), "seed " + seed);
          assertTrue(body.length <= bytes);
        }
      }
      assertNothingIsLeft(node, peer, carriers);
      assertEquals(relays, node.ends().size());
      assertEquals(List.of(), log.stackTraces());
      int allowed = before + 2 * 12 + 2 * 2 * PeerClientOptions.DEFAULT.maxIdlePerPeer();
      Waiting.until("descriptors closed", () -> descriptors() <= allowed);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void hundredRelaysToSlowClients_holdLittleMemory(Mode mode) throws Exception {
    int clients = 100;
    byte[] large = new byte[8 * MIB];
    new Random(8).nextBytes(large);
    List<RawClient> open = new ArrayList<>();
    try (ScriptedPeer peer = ScriptedPeer.of(large);
        RelayNode node = mode.node(peer)) {
      long before = directBytes();
      for (int i = 0; i < clients; i++) {
        RawClient client = node.connect(16 * 1024);
        open.add(client);
        client.request("GET", "/blob");
      }
      for (RawClient client : open) {
        assertEquals(200, client.replyHead().status());
        client.in().readNBytes(50_000);
      }
      long used = directBytes() - before;
      assertTrue(used < 32 * MIB, "direct memory of 100 relays: " + used);
      for (RawClient client : open.subList(0, 3)) {
        byte[] rest = client.in().readNBytes(large.length - 50_000);
        assertEquals(-1, Arrays.mismatch(large, 50_000, large.length, rest, 0, rest.length));
      }
    } finally {
      for (RawClient client : open) {
        client.close();
      }
    }
  }
}
