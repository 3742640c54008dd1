package spegel.peer;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded number of pipes, used again when they are empty. The kernel lets a user have 64 MiB in
 * pipes of more than one page by default, and counts what is in them in our memory cgroup.
 */
final class Pipes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Pipes.class);

  /** After a failure, relays copy for so long before a pipe is tried again. */
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final int max;
  private final Deque<Pipe> idle = new ArrayDeque<>();
  private int open;
  private boolean closed;
  private boolean failed;
  private long failedNanos;

  Pipes(int max) {
    this.max = max;
  }

  /** A pipe that is empty; none when all are in use, or the kernel gives none. */
  synchronized Optional<Pipe> take() {
    Pipe pooled = idle.pollFirst();
    if (pooled != null) {
      return Optional.of(pooled);
    }
    if (closed || open >= max || (failed && System.nanoTime() - failedNanos < PAUSE_NANOS)) {
      return Optional.empty();
    }
    try {
      Pipe pipe = Pipe.open();
      failed = false;
      open++;
      return Optional.of(pipe);
    } catch (IOException e) {
      if (!failed) {
        log.atInfo().addKeyValue("error", e.getMessage()).log("no pipes, bodies are copied");
      }
      failed = true;
      failedNanos = System.nanoTime();
      return Optional.empty();
    }
  }

  /** Takes a pipe back; one that is not empty would give its bytes to somebody else. */
  synchronized void give(Pipe pipe, boolean empty) {
    if (empty && !closed) {
      idle.addFirst(pipe);
    } else {
      pipe.close();
      open--;
    }
  }

  /** Pipes that are open, and how many of them nobody uses. */
  synchronized int openCount() {
    return open;
  }

  synchronized int idleCount() {
    return idle.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    open -= idle.size();
    idle.forEach(Pipe::close);
    idle.clear();
  }
}
