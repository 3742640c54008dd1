package spegel.routing.kad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.libp2p.Identity;
import spegel.routing.Lookup;
import spegel.routing.Provider;
import spegel.routing.Router;
import spegel.routing.RouterContract;
import spegel.routing.bootstrap.BootstrapPeer;
import spegel.routing.bootstrap.Bootstrapper;

@Timeout(60)
class KadRouterTest extends RouterContract {
  private static final String KEY = "docker.io/library/nginx:latest";
  private static final Duration COMPANY_PATIENCE = Duration.ofMillis(500);

  private final List<KadRouter> contractNodes = new ArrayList<>();

  private static KadRouter start(Bootstrapper bootstrapper, boolean alone, ResolveObserver observer)
      throws IOException {
    return KadRouter.start(
        new KadRouterOptions(
            Identity.generate(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "test",
            bootstrapper,
            alone,
            false,
            observer),
        COMPANY_PATIENCE);
  }

  private static KadRouter start(Bootstrapper bootstrapper) throws IOException {
    return start(bootstrapper, false, _ -> {});
  }

  private static BootstrapPeer peer(KadRouter router) {
    return new BootstrapPeer(Optional.of(router.id()), List.of(router.listenAddress()));
  }

  private static BootstrapPeer address(KadRouter router) {
    return new BootstrapPeer(Optional.empty(), List.of(router.listenAddress()));
  }

  private static void awaitReady(Router router) throws InterruptedException {
    await(router::ready);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not within 30 s");
      Thread.onSpinWait();
    }
  }

  private static Optional<Provider> findOne(Router router, String key) throws InterruptedException {
    try (Lookup lookup = router.lookup(key)) {
      return lookup.next(Duration.ofSeconds(5));
    }
  }

  @Override
  protected List<Router> threeNodes() throws Exception {
    KadRouter first = start(List::of, true, _ -> {});
    contractNodes.add(first);
    contractNodes.add(start(() -> List.of(peer(first))));
    contractNodes.add(start(() -> List.of(address(first))));
    for (KadRouter node : contractNodes) {
      await(() -> node.peers().size() == 2);
    }
    return List.copyOf(contractNodes);
  }

  @Override
  protected String peerId(int index) {
    return contractNodes.get(index).id().toString();
  }

  @Test
  void ready_isTrueAtOnce_whenTheNodeIsMeantToBeAlone() throws Exception {
    try (KadRouter router = start(List::of, true, _ -> {})) {
      assertTrue(router.ready());
    }
  }

  @Test
  void advertise_leavesALoneNodeInPeace_whenThereIsNobodyToTell() throws Exception {
    try (KadRouter router = start(List::of, true, _ -> {})) {
      router.advertise(List.of(KEY));
      long end = System.nanoTime() + Duration.ofMillis(100).toNanos();
      while (System.nanoTime() < end) {
        assertEquals(Optional.empty(), findOne(router, KEY));
      }
    }
  }

  @Test
  void ready_isTrueAfterAWhile_whenBootstrapNamesOnlyThisNode() throws Exception {
    AtomicReference<List<BootstrapPeer>> named = new AtomicReference<>(List.of());
    long begin = System.nanoTime();
    try (KadRouter router = start(named::get)) {
      named.set(List.of(address(router), peer(router)));
      boolean readyAtOnce = router.ready();
      assertTrue(!readyAtOnce || System.nanoTime() - begin >= COMPANY_PATIENCE.toNanos());
      awaitReady(router);
      assertEquals(List.of(), router.peers());
    }
  }

  @Test
  void ready_staysFalse_whileOthersAreNamedAndNoneAnswers() throws Exception {
    KadRouter gone = start(List::of, true, _ -> {});
    BootstrapPeer peer = peer(gone);
    gone.close();
    List<Thread> attempts = new CopyOnWriteArrayList<>();
    Bootstrapper bootstrapper =
        () -> {
          attempts.add(Thread.currentThread());
          return List.of(peer);
        };
    try (KadRouter router = start(bootstrapper)) {
      await(() -> attempts.size() >= 4);
      assertFalse(router.ready());
    }
  }

  @Test
  void ready_comesBack_whenTheOnlyPeerRestartsElsewhere() throws Exception {
    AtomicReference<KadRouter> other = new AtomicReference<>(start(List::of, true, _ -> {}));
    try (KadRouter router = start(() -> List.of(peer(other.get())))) {
      awaitReady(router);
      other.get().close();
      await(() -> !router.ready());
      other.set(start(List::of, true, _ -> {}));
      awaitReady(router);
      other.get().advertise(List.of(KEY));
      await(() -> findQuietly(router).isPresent());
    } finally {
      other.get().close();
    }
  }

  private static Optional<Provider> findQuietly(Router router) {
    try {
      return findOne(router, KEY);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void peers_outliveABootstrapperThatFails() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (KadRouter other = start(List::of, true, _ -> {});
        KadRouter router =
            start(
                () -> {
                  if (asked.getAndIncrement() == 0) {
                    throw new IOException("no such name");
                  }
                  return List.of(address(other));
                })) {
      awaitReady(router);
      await(() -> router.peers().size() == 1);
      RouterPeer peer = router.peers().getFirst();
      assertEquals(other.id().toString(), peer.id());
      assertTrue(peer.connected());
      assertEquals(List.of(InetAddress.getLoopbackAddress()), peer.addresses());
      await(() -> router.peers().getFirst().agentVersion().equals("test"));
    }
  }

  @Test
  void lookup_findsAtOnce_whatAnswersToNobodyJustBefore() throws Exception {
    try (KadRouter other = start(List::of, true, _ -> {});
        KadRouter router = start(() -> List.of(peer(other)))) {
      awaitReady(router);
      assertEquals(Optional.empty(), findOne(router, KEY));
      other.advertise(List.of(KEY));
      // Not 5 s and not 100 ms later, but as soon as the announcement has come.
      await(() -> findQuietly(router).isPresent());
    }
  }

  @Test
  void observer_hearsOfEachSearchThatFinds_andNotOfThoseFromTheCache() throws Exception {
    List<Duration> durations = new CopyOnWriteArrayList<>();
    try (KadRouter other = start(List::of, true, _ -> {});
        KadRouter router = start(() -> List.of(peer(other)), false, durations::add)) {
      awaitReady(router);
      assertEquals(Optional.empty(), findOne(router, "nobody/has:it"));
      other.advertise(List.of(KEY));
      await(() -> findQuietly(router).isPresent());
      await(() -> durations.size() == 1);
      assertTrue(findOne(router, KEY).isPresent());
      assertTrue(findOne(router, KEY).isPresent());
      assertEquals(1, durations.size());
    }
  }

  private static KadRouter start(String address, Bootstrapper bootstrapper, boolean alone)
      throws IOException {
    return KadRouter.start(
        new KadRouterOptions(
            Identity.generate(),
            new InetSocketAddress(InetAddress.getByName(address), 0),
            "test",
            bootstrapper,
            alone,
            true,
            _ -> {}));
  }

  /**
   * The other dials from 127.0.0.1, as nodes do that have several addresses: it serves elsewhere.
   */
  @Test
  void lookup_yieldsAddressesThatAreAnnouncedAndProven_whenOnlyThoseWillDo() throws Exception {
    try (KadRouter router = start("127.0.0.2", List::of, true);
        KadRouter other = start("127.0.0.3", () -> List.of(peer(router)), false)) {
      awaitReady(other);
      other.advertise(List.of(KEY));
      await(() -> findQuietly(router).isPresent());
      assertEquals(
          List.of(InetAddress.getByName("127.0.0.3")),
          findQuietly(router).orElseThrow().addresses());
    }
  }

  @Test
  void start_tells_whenThePortIsTaken() throws Exception {
    try (KadRouter first = start(List::of, true, _ -> {})) {
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  KadRouter.start(
                      new KadRouterOptions(
                          Identity.generate(),
                          first.listenAddress(),
                          "test",
                          List::of,
                          true,
                          false,
                          _ -> {})));
      assertTrue(
          String.valueOf(e.getMessage()).contains(":" + first.listenAddress().getPort()),
          e::getMessage);
    }
  }
}
