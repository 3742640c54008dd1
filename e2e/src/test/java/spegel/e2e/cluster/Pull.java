package spegel.e2e.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import spegel.e2e.harness.Command;

/**
 * A pull that has ended.
 *
 * @param took from the start of the command to its end
 */
record Pull(Command.Outcome outcome, Duration took) {
  /** What a pull may take beyond what it takes from the upstream itself. */
  private static final Duration ALLOWED = Duration.ofSeconds(2);

  boolean succeeded() {
    return outcome.exitCode() == 0;
  }

  /** This pull, when the image is there; else an {@link AssertionError} with what was said. */
  Pull orFail() {
    outcome.orFail();
    return this;
  }

  /** How much longer it took than another one; negative when it was sooner. */
  Duration longerThan(Pull other) {
    return took.minus(other.took);
  }

  /** Fails when it took so much longer than the one from the upstream that a user would mind. */
  void assertHardlyLongerThan(Pull direct) {
    Duration longer = longerThan(direct);
    assertTrue(longer.compareTo(ALLOWED) <= 0, () -> "longer by " + longer);
  }
}
