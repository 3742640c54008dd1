package spegel.e2e.harness;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition of another process, with a deadline. */
public final class Await {
  private static final Duration POLL = Duration.ofMillis(10);

  private Await() {}

  /** Returns once the condition holds; an {@link AssertionError} says what did not come true. */
  public static void until(String what, Duration atMost, BooleanSupplier condition) {
    value(what, atMost, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /** The first value that the supplier has; an {@link AssertionError} says what did not come. */
  public static <T> T value(String what, Duration atMost, Supplier<Optional<T>> supplier) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (true) {
      Optional<T> value = supplier.get();
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within %s: %s".formatted(atMost, what));
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }
}
