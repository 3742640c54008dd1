package spegel.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every router keeps to. An implementation runs it with three nodes of a network of its own.
 */
@Timeout(60)
public abstract class RouterContract {
  private static final String TAG = "docker.io/library/nginx:latest";
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);
  private static final Duration FIRST_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration NEXT_TIMEOUT = Duration.ofMillis(500);
  private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(20);

  private List<Router> nodes = List.of();

  /** Three routers of one network that is fresh for each test, ready or about to be. */
  protected abstract List<Router> threeNodes() throws Exception;

  /** The id under which others find the node of the given index. */
  protected abstract String peerId(int index);

  @BeforeEach
  final void begin() throws Exception {
    nodes = threeNodes();
    for (Router node : nodes) {
      eventually(() -> node.ready(), true);
    }
  }

  @AfterEach
  final void end() {
    nodes.forEach(Router::close);
  }

  private interface Probe<T> {
    T get() throws InterruptedException;
  }

  private static <T> void eventually(Probe<T> probe, T expected) throws InterruptedException {
    long deadline = System.nanoTime() + SETTLE_TIMEOUT.toNanos();
    T last = probe.get();
    while (!last.equals(expected) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      last = probe.get();
    }
    assertEquals(expected, last);
  }

  private Set<String> found(int node, String key) throws InterruptedException {
    Set<String> peers = new TreeSet<>();
    try (Lookup lookup = nodes.get(node).lookup(key)) {
      Optional<Provider> next = lookup.next(FIRST_TIMEOUT);
      while (next.isPresent()) {
        peers.add(next.get().peerId());
        assertTrue(!next.get().addresses().isEmpty());
        next = lookup.next(NEXT_TIMEOUT);
      }
    }
    return peers;
  }

  @Test
  void lookup_yieldsWhoAdvertised_forTagsAndDigests() throws InterruptedException {
    nodes.get(0).advertise(List.of(TAG, DIGEST));
    for (String key : List.of(TAG, DIGEST)) {
      eventually(() -> found(1, key), Set.of(peerId(0)));
      eventually(() -> found(2, key), Set.of(peerId(0)));
    }
  }

  @Test
  void lookup_yieldsAllProviders_butNeverTheAskingNode() throws InterruptedException {
    nodes.get(0).advertise(List.of(TAG));
    nodes.get(1).advertise(List.of(TAG));
    eventually(() -> found(2, TAG), Set.of(peerId(0), peerId(1)));
    eventually(() -> found(0, TAG), Set.of(peerId(1)));
  }

  @Test
  void lookup_yieldsNothing_whenNobodyAdvertised() throws InterruptedException {
    assertEquals(Set.of(), found(0, TAG));
  }

  @Test
  void advertise_isIdempotent() throws InterruptedException {
    nodes.get(0).advertise(List.of(TAG));
    nodes.get(0).advertise(List.of(TAG, TAG));
    eventually(() -> found(1, TAG), Set.of(peerId(0)));
  }

  @Test
  void withdraw_takesBackOnlyWhatIsNamed() throws InterruptedException {
    nodes.get(0).advertise(List.of(TAG, DIGEST));
    nodes.get(0).withdraw(List.of(TAG, "docker.io/library/never:seen"));
    eventually(() -> found(1, DIGEST), Set.of(peerId(0)));
  }

  @Test
  void close_endsALookup() throws InterruptedException {
    Lookup lookup = nodes.get(0).lookup(TAG);
    lookup.close();
    assertEquals(Optional.empty(), lookup.next(Duration.ZERO));
  }

  @Test
  void lookup_throws_whenTheKeyIsOutOfBounds() {
    List<String> unfit = new ArrayList<>(List.of("", "a".repeat(Router.MAX_KEY_CHARS + 1)));
    for (String key : unfit) {
      assertThrows(IllegalArgumentException.class, () -> nodes.get(0).lookup(key));
      assertThrows(IllegalArgumentException.class, () -> nodes.get(0).advertise(List.of(key)));
    }
  }
}
