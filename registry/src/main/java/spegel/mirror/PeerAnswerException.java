package spegel.mirror;

import java.io.IOException;

/** A peer's answer is not what was asked for. */
final class PeerAnswerException extends IOException {
  private static final long serialVersionUID = 1;

  private final PeerOutcome outcome;

  PeerAnswerException(PeerOutcome outcome, String message) {
    super(message);
    this.outcome = outcome;
  }

  /** Anything but {@link PeerOutcome#FOUND}. */
  PeerOutcome outcome() {
    return outcome;
  }
}
