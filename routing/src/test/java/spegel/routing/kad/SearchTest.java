package spegel.routing.kad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.routing.Lookup;
import spegel.routing.Provider;

@Timeout(20)
class SearchTest {
  private static final Duration LONG = Duration.ofSeconds(10);

  private final AtomicLong nanoTime = new AtomicLong(1_000);
  private final Search search = new Search(nanoTime::get);

  private static Provider provider(int number) {
    return new Provider("peer-" + number, List.of(InetAddress.ofLiteral("10.0.0." + number)));
  }

  @Test
  void next_yieldsEachProviderToEachLookup_alsoToOneThatComesLate() throws Exception {
    Lookup early = search.lookup();
    search.add(provider(1));
    search.add(provider(2));
    Lookup late = search.lookup();
    search.end();
    for (Lookup lookup : List.of(early, late)) {
      assertEquals(Optional.of(provider(1)), lookup.next(LONG));
      assertEquals(Optional.of(provider(2)), lookup.next(LONG));
      assertEquals(Optional.empty(), lookup.next(LONG));
    }
  }

  @Test
  void next_waitsForAProvider_andForTheEnd() throws Exception {
    Lookup lookup = search.lookup();
    CompletableFuture<List<Provider>> all = new CompletableFuture<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  List<Provider> found = new ArrayList<>();
                  try {
                    Optional<Provider> next = lookup.next(LONG);
                    while (next.isPresent()) {
                      found.add(next.get());
                      next = lookup.next(LONG);
                    }
                    all.complete(found);
                  } catch (InterruptedException e) {
                    all.completeExceptionally(e);
                  }
                });
    search.add(provider(1));
    search.end();
    assertEquals(List.of(provider(1)), all.get());
    waiting.join();
  }

  @Test
  void next_isEmpty_whenTheTimeIsOver() throws Exception {
    assertEquals(Optional.empty(), search.lookup().next(Duration.ofMillis(1)));
    assertEquals(Optional.empty(), search.lookup().next(Duration.ZERO));
  }

  @Test
  void close_endsAWait() throws Exception {
    Lookup lookup = search.lookup();
    CompletableFuture<Optional<Provider>> next = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                next.complete(lookup.next(LONG));
              } catch (InterruptedException e) {
                next.completeExceptionally(e);
              }
            });
    lookup.close();
    assertEquals(Optional.empty(), next.get());
  }

  @Test
  void add_tellsHowLongTheFirstTook_andOfTheFirstAlone() {
    nanoTime.addAndGet(3_000_000);
    assertEquals(Optional.of(Duration.ofMillis(3)), search.add(provider(1)));
    assertEquals(Optional.empty(), search.add(provider(2)));
  }

  @Test
  void add_keepsABoundedNumber() throws Exception {
    Lookup lookup = search.lookup();
    for (int i = 0; i < 2 * Search.MAX_PROVIDERS; i++) {
      search.add(provider(i));
    }
    for (int i = 0; i < Search.MAX_PROVIDERS; i++) {
      assertTrue(lookup.next(Duration.ZERO).isPresent());
    }
    assertTrue(lookup.next(Duration.ZERO).isEmpty());
  }

  @Test
  void close_cancelsTheSearch_onlyWhenNobodyIsLeftAndEnoughIsFound() {
    AtomicInteger cancelled = new AtomicInteger();
    search.running(cancelled::incrementAndGet);
    Lookup poor = search.lookup();
    search.add(provider(1));
    poor.close();
    assertEquals(0, cancelled.get(), "one provider is not enough for those who come next");

    Lookup first = search.lookup();
    Lookup second = search.lookup();
    for (int i = 2; i < 20; i++) {
      search.add(provider(i));
    }
    first.close();
    first.close();
    assertEquals(0, cancelled.get(), "somebody still looks");
    second.close();
    assertEquals(1, cancelled.get());
    assertFalse(search.isVain());
  }

  @Test
  void isFresh_dependsOnWhatWasFound() {
    Search vain = new Search(nanoTime::get);
    search.add(provider(1));
    assertTrue(search.isFresh(Duration.ZERO, Duration.ZERO), "it goes on");
    search.end();
    vain.end();
    nanoTime.addAndGet(Duration.ofMillis(150).toNanos());
    assertTrue(search.isFresh(SearchCache.KEEP_FOUND, SearchCache.KEEP_VAIN));
    assertFalse(vain.isFresh(SearchCache.KEEP_FOUND, SearchCache.KEEP_VAIN));
    nanoTime.addAndGet(SearchCache.KEEP_FOUND.toNanos());
    assertFalse(search.isFresh(SearchCache.KEEP_FOUND, SearchCache.KEEP_VAIN));
  }
}
