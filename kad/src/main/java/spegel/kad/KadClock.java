package spegel.kad;

import java.time.Duration;
import java.time.Instant;

/** Time as a node sees it: real, or that of a simulation. */
public interface KadClock {

  /** Now. */
  Instant now();

  /** Runs the task once, after the delay; it must not block. */
  void schedule(Duration delay, Runnable task);
}
