package spegel.mirror;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.routing.Provider;

/**
 * Asks candidates until one gives a good answer: the best first, the next when that one has failed
 * or is slower than it usually is. The first good answer wins; the others are interrupted, and an
 * answer that comes too late is discarded. Run once, by one thread.
 */
final class Race<T> {
  private static final Logger log = LoggerFactory.getLogger(Race.class);

  /** How often it looks whether the lookup has yielded more while it waits for an answer. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(25);

  /** A provider that does not have it any more is no failure, and yet not asked without end. */
  private static final int MAX_ASKED = 8;

  /** Asks one provider. */
  @FunctionalInterface
  interface Question<T> {

    /**
     * Waits for the answer.
     *
     * @throws PeerAnswerException when it is no good
     * @throws IOException when there is none
     */
    T ask(Provider provider) throws IOException, InterruptedException;
  }

  /** Hears how each provider did. */
  interface Judge {
    /** How long the provider may take before another is asked as well. */
    Duration patience(Provider provider);

    /** It gave a good answer after that time. */
    void answered(Provider provider, long nanos);

    /** It gave none. */
    void failed(Provider provider, IOException failure);

    /** It had given none when the race was over, after that time. */
    void outpaced(Provider provider, long nanos);
  }

  /**
   * A good answer.
   *
   * @param provider whose it is
   */
  record Won<T>(Provider provider, T answer) {}

  private record Outcome<T>(@Nullable Won<T> won, @Nullable IOException failure) {}

  private final Candidates candidates;
  private final Question<T> question;
  private final Consumer<T> discard;
  private final Judge judge;
  private final int maxFailures;
  private final Duration lookupPatience;
  private final BlockingQueue<Outcome<T>> outcomes = new LinkedBlockingQueue<>();
  private final List<Thread> attempts = new ArrayList<>();
  private int asked;
  private int failed;
  private int pending;

  /** Guarded by this: whether nobody waits for answers any more. */
  private boolean over;

  /**
   * A race that has not begun.
   *
   * @param discard lets go of an answer that nobody waits for
   * @param maxFailures providers that may fail before it is given up; those that do not have the
   *     content do not count
   * @param lookupPatience how long to wait for a provider when none is being asked
   */
  Race(
      Candidates candidates,
      Question<T> question,
      Consumer<T> discard,
      Judge judge,
      int maxFailures,
      Duration lookupPatience) {
    this.candidates = candidates;
    this.question = question;
    this.discard = discard;
    this.judge = judge;
    this.maxFailures = maxFailures;
    this.lookupPatience = lookupPatience;
  }

  /** Providers that were asked. */
  int asked() {
    return asked;
  }

  /** The winner; empty when there is none within the limit. */
  Optional<Won<T>> run(Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    long nextNanos = System.nanoTime();
    try {
      while (true) {
        long now = System.nanoTime();
        if (now - deadlineNanos >= 0) {
          return Optional.empty();
        }
        if (now - nextNanos >= 0 && mayAsk()) {
          Optional<Provider> best = candidates.best();
          if (best.isPresent()) {
            start(best.get());
            nextNanos = now + judge.patience(best.get()).toNanos();
          }
        }
        if (pending == 0) {
          if (!mayAsk() || !candidates.await(lookupPatience)) {
            return Optional.empty();
          }
          nextNanos = System.nanoTime();
          continue;
        }
        Outcome<T> outcome =
            outcomes.poll(waitNanos(nextNanos, deadlineNanos), TimeUnit.NANOSECONDS);
        if (outcome == null) {
          continue;
        }
        pending--;
        if (outcome.won != null) {
          return Optional.of(outcome.won);
        }
        nextNanos = System.nanoTime();
        if (!isMissing(outcome.failure)) {
          failed++;
        }
      }
    } finally {
      end();
    }
  }

  private boolean mayAsk() {
    return asked < MAX_ASKED && failed + pending < maxFailures;
  }

  private static long waitNanos(long nextNanos, long deadlineNanos) {
    long now = System.nanoTime();
    long untilNext = nextNanos - now;
    long slice = untilNext > 0 ? untilNext : LOOK_AGAIN.toNanos();
    return Math.clamp(slice, 0, Math.max(0, deadlineNanos - now));
  }

  private static boolean isMissing(@Nullable IOException failure) {
    return failure instanceof PeerAnswerException answer && answer.outcome() == PeerOutcome.MISSING;
  }

  private void start(Provider provider) {
    asked++;
    pending++;
    attempts.add(Thread.ofVirtual().name("mirror-ask").start(() -> attempt(provider)));
  }

  private void attempt(Provider provider) {
    long beganNanos = System.nanoTime();
    try {
      T answer = question.ask(provider);
      judge.answered(provider, System.nanoTime() - beganNanos);
      hand(answer, new Outcome<>(new Won<>(provider, answer), null));
    } catch (IOException e) {
      judge.failed(provider, e);
      hand(null, new Outcome<>(null, e));
    } catch (InterruptedException e) {
      judge.outpaced(provider, System.nanoTime() - beganNanos);
    } catch (RuntimeException e) {
      log.atError().setCause(e).addKeyValue("peer", provider.peerId()).log("asking a peer failed");
      hand(null, new Outcome<>(null, new IOException("asking failed", e)));
    }
  }

  private synchronized void hand(@Nullable T answer, Outcome<T> outcome) {
    if (!over) {
      outcomes.add(outcome);
    } else if (answer != null) {
      discard.accept(answer);
    }
  }

  private void end() {
    synchronized (this) {
      over = true;
    }
    attempts.forEach(Thread::interrupt);
    // Two may have been good at once: only the first was taken out.
    for (Outcome<T> late = outcomes.poll(); late != null; late = outcomes.poll()) {
      if (late.won != null) {
        discard.accept(late.won.answer());
      }
    }
  }
}
