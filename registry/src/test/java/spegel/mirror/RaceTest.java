package spegel.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import spegel.routing.Lookup;
import spegel.routing.Provider;

@Timeout(30)
class RaceTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  /** Yields what is put in, until it is ended. */
  private static final class OpenLookup implements Lookup {
    final BlockingQueue<Provider> found = new LinkedBlockingQueue<>();
    volatile boolean end;

    @Override
    public Optional<Provider> next(Duration timeout) throws InterruptedException {
      long deadline = System.nanoTime() + timeout.toNanos();
      while (true) {
        Provider next = found.poll(1, TimeUnit.MILLISECONDS);
        if (next != null) {
          return Optional.of(next);
        }
        if (end || System.nanoTime() - deadline >= 0) {
          return Optional.empty();
        }
      }
    }

    @Override
    public boolean ended() {
      return end && found.isEmpty();
    }

    @Override
    public void close() {}
  }

  private final OpenLookup lookup = new OpenLookup();
  private Duration lookupPatience = Duration.ofMillis(200);
  private final Map<String, Duration> patience = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> answered = new CopyOnWriteArrayList<>();
  private final List<String> failed = new CopyOnWriteArrayList<>();
  private final BlockingQueue<String> outpaced = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> discarded = new LinkedBlockingQueue<>();

  private final Race.Judge judge =
      new Race.Judge() {
        @Override
        public Duration patience(Provider provider) {
          return patience.getOrDefault(provider.peerId(), LONG);
        }

        @Override
        public void answered(Provider provider, long nanos) {
          answered.add(provider.peerId());
        }

        @Override
        public void failed(Provider provider, IOException failure) {
          failed.add(provider.peerId() + " " + failure.getMessage());
        }

        @Override
        public void outpaced(Provider provider, long nanos) {
          outpaced.add(provider.peerId());
        }
      };

  private static Provider provider(String id) {
    return new Provider(id, List.of(InetAddress.getLoopbackAddress()));
  }

  private void found(String... ids) {
    for (String id : ids) {
      lookup.found.add(provider(id));
    }
  }

  /** Peers cost what their name's last digit says. */
  private Race<String> race(Race.Question<String> question, int maxFailures) {
    Candidates candidates =
        new Candidates(
            lookup,
            provider -> !provider.peerId().startsWith("avoided"),
            provider -> provider.peerId().charAt(provider.peerId().length() - 1));
    return new Race<>(
        candidates,
        provider -> {
          asked.add(provider.peerId());
          return question.ask(provider);
        },
        discarded::add,
        judge,
        maxFailures,
        lookupPatience);
  }

  private static Optional<String> run(Race<String> race) throws InterruptedException {
    return race.run(LONG).map(Race.Won::answer);
  }

  @Test
  void run_asksTheBestFirst_andNobodyElse_whenItAnswers() throws Exception {
    found("p3", "p1", "p2");
    lookup.end = true;
    assertEquals(Optional.of("from p1"), run(race(peer -> "from " + peer.peerId(), 3)));
    assertEquals(List.of("p1"), asked);
    assertEquals(List.of("p1"), answered);
  }

  @Test
  void run_asksTheNextAtOnce_whenOneFails() throws Exception {
    found("p1", "p2");
    lookup.end = true;
    Race<String> race =
        race(
            peer -> {
              if (peer.peerId().equals("p1")) {
                throw new IOException("refused");
              }
              return "good";
            },
            3);
    assertEquals(Optional.of("good"), run(race));
    assertEquals(List.of("p1 refused"), failed);
    assertEquals(2, race.asked());
  }

  @Test
  void run_asksAnotherAsWell_whenTheFirstIsSlow_andInterruptsTheLoser() throws Exception {
    found("p1", "p2");
    patience.put("p1", Duration.ofMillis(20));
    CountDownLatch interrupted = new CountDownLatch(1);
    Race<String> race =
        race(
            peer -> {
              if (peer.peerId().equals("p1")) {
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  interrupted.countDown();
                  throw e;
                }
              }
              return peer.peerId();
            },
            3);
    assertEquals(Optional.of("p2"), run(race));
    assertTrue(interrupted.await(10, TimeUnit.SECONDS));
    assertEquals("p1", outpaced.poll(10, TimeUnit.SECONDS));
    assertEquals(List.of(), failed);
  }

  @Test
  void run_discardsAnAnswer_thatComesAfterTheRace() throws Exception {
    found("p1", "p2");
    patience.put("p1", Duration.ofMillis(20));
    CountDownLatch won = new CountDownLatch(1);
    Race<String> race =
        race(
            peer -> {
              if (peer.peerId().equals("p1")) {
                awaitUninterrupted(won);
              }
              return peer.peerId();
            },
            3);
    assertEquals(Optional.of("p2"), run(race));
    won.countDown();
    assertEquals("p1", discarded.poll(10, TimeUnit.SECONDS));
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        latch.await();
        done = true;
      } catch (InterruptedException e) {
        // Answers all the same: it was too late to stop.
      }
    }
  }

  @Test
  void run_givesUp_whenAsManyFailedAsMay() throws Exception {
    found("p1", "p2", "p3", "p4");
    Race<String> race =
        race(
            peer -> {
              throw new IOException("refused");
            },
            3);
    assertEquals(Optional.empty(), run(race));
    assertEquals(3, race.asked());
  }

  @Test
  void run_doesNotCount_whoDoesNotHaveItAnyMore() throws Exception {
    found("p1", "p2", "p3", "p4", "p5");
    Race<String> race =
        race(
            peer -> {
              if (!peer.peerId().equals("p5")) {
                throw new PeerAnswerException(PeerOutcome.MISSING, "404");
              }
              return "good";
            },
            1);
    assertEquals(Optional.of("good"), run(race));
  }

  @Test
  void run_waits_forAProviderThatComesLater() throws Exception {
    Race<String> race = race(Provider::peerId, 3);
    Thread late =
        Thread.ofVirtual()
            .start(
                () -> {
                  found("avoided1");
                  found("p1");
                });
    assertEquals(Optional.of("p1"), run(race));
    late.join();
    assertEquals(List.of("p1"), asked);
  }

  @Test
  void run_endsAtOnce_whenTheLookupHasEndedWithNobody() throws Exception {
    lookup.end = true;
    lookupPatience = LONG;
    long began = System.nanoTime();
    assertEquals(Optional.empty(), run(race(Provider::peerId, 3)));
    assertTrue(System.nanoTime() - began < LONG.toNanos() / 2);
  }

  @Test
  void run_endsInTime_whenNobodyAnswers() throws Exception {
    found("p1");
    Race<String> race =
        race(
            peer -> {
              new CountDownLatch(1).await();
              return "never";
            },
            3);
    assertEquals(Optional.empty(), race.run(Duration.ofMillis(50)));
  }

  @Test
  void run_goesOn_whenAskingHasADefect() throws Exception {
    found("p1", "p2");
    Race<String> race =
        race(
            peer -> {
              if (peer.peerId().equals("p1")) {
                throw new IllegalStateException("a defect");
              }
              return "good";
            },
            3);
    assertEquals(Optional.of("good"), run(race));
  }
}
