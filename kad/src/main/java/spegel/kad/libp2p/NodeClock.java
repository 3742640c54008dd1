package spegel.kad.libp2p;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.kad.KadClock;

/**
 * Real time, on one thread. It begins at the wall clock's and goes on by itself: a wall clock that
 * is set must not make records expire.
 */
final class NodeClock implements KadClock, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeClock.class);

  private static final Future<?> NEVER = new CompletableFuture<>();

  private final Instant begin = Instant.now();
  private final long beginNanos = System.nanoTime();
  private final ScheduledThreadPoolExecutor scheduler;

  NodeClock() {
    scheduler =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("kad-clock").daemon().factory());
    scheduler.setRemoveOnCancelPolicy(true);
    scheduler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public Instant now() {
    return begin.plusNanos(System.nanoTime() - beginNanos);
  }

  @Override
  public void schedule(Duration delay, Runnable task) {
    var _ = after(delay, task);
  }

  /** The same, for a task that may be cancelled; after closing it is never run. */
  Future<?> after(Duration delay, Runnable task) {
    try {
      return scheduler.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return NEVER;
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("a task of the DHT failed");
    }
  }

  /** What is still to be run is dropped. */
  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}
