package spegel.e2e.cluster;

import java.time.Duration;
import spegel.e2e.harness.Command;

/**
 * A pull that has ended.
 *
 * @param took from the start of the command to its end
 */
record Pull(Command.Outcome outcome, Duration took) {
  boolean succeeded() {
    return outcome.exitCode() == 0;
  }

  /** This pull, when the image is there; else an {@link AssertionError} with what was said. */
  Pull orFail() {
    outcome.orFail();
    return this;
  }
}
