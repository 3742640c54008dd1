package spegel.routing.kad;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import spegel.routing.Provider;

class SearchCacheTest {
  private static final Provider PROVIDER =
      new Provider("peer", List.of(InetAddress.ofLiteral("10.0.0.1")));

  private final AtomicLong nanoTime = new AtomicLong();
  private final SearchCache cache = new SearchCache(3, nanoTime::get);

  private SearchCache.Entry find(String key) {
    return cache.find(key, () -> false);
  }

  @Test
  void find_sharesASearch_whileItGoesOn() {
    SearchCache.Entry first = find("key");
    assertTrue(first.isNew());
    nanoTime.addAndGet(Duration.ofMinutes(1).toNanos());
    SearchCache.Entry second = find("key");
    assertFalse(second.isNew());
    assertSame(first.search(), second.search());
    assertNotSame(first.search(), find("other").search());
  }

  @Test
  void find_reusesWhatWasFound_forFiveSeconds() {
    Search search = find("key").search();
    search.add(PROVIDER);
    search.end();
    nanoTime.addAndGet(Duration.ofMillis(4_999).toNanos());
    assertSame(search, find("key").search());
    nanoTime.addAndGet(Duration.ofMillis(2).toNanos());
    assertTrue(find("key").isNew());
  }

  @Test
  void find_searchesAnew_soonAfterASearchInVain() {
    Search search = find("key").search();
    search.end();
    nanoTime.addAndGet(Duration.ofMillis(99).toNanos());
    assertSame(search, find("key").search());
    nanoTime.addAndGet(Duration.ofMillis(2).toNanos());
    assertTrue(find("key").isNew());
  }

  @Test
  void find_searchesAnewAtOnce_whenAProviderHasSpokenUpSince() {
    find("key").search().end();
    assertFalse(cache.find("key", () -> false).isNew());
    assertTrue(cache.find("key", () -> true).isNew());
  }

  @Test
  void find_forgetsWhatWasUsedLongestAgo_whenFull() {
    Search a = find("a").search();
    find("b");
    find("c");
    assertSame(a, find("a").search());
    find("d");
    assertSame(a, find("a").search());
    assertTrue(find("b").isNew());
  }
}
