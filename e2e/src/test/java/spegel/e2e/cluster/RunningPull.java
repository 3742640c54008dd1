package spegel.e2e.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import spegel.e2e.harness.Await;
import spegel.e2e.harness.Command;

/** A pull that goes on while the test does something else. */
final class RunningPull {
  private final FutureTask<Pull> pull;

  private RunningPull(FutureTask<Pull> pull) {
    this.pull = pull;
  }

  static RunningPull start(Supplier<Command.Outcome> command) {
    FutureTask<Pull> pull =
        new FutureTask<>(
            () -> {
              long began = System.nanoTime();
              Command.Outcome outcome = command.get();
              return new Pull(outcome, Duration.ofNanos(System.nanoTime() - began));
            });
    Thread.ofVirtual().name("pull").start(pull);
    return new RunningPull(pull);
  }

  /** Waits for something that must come true before the pull ends. */
  <T> T awaitMeanwhile(String what, Duration atMost, Supplier<Optional<T>> value) {
    return Await.value(
        what,
        atMost,
        () -> {
          boolean ended = pull.isDone();
          Optional<T> now = value.get();
          if (ended && now.isEmpty()) {
            throw new AssertionError("the pull ended before: " + what + ": " + await());
          }
          return now;
        });
  }

  /** Waits for its end, which a command has within a minute. */
  Pull await() {
    try {
      return pull.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while pulling", e);
    } catch (ExecutionException e) {
      throw new AssertionError("the pull did not end: " + e.getCause(), e);
    }
  }
}
