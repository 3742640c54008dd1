package spegel.app.demo;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Shows how far a pull is while it runs: from a thread of its own, until it is closed. */
final class PullDisplay implements AutoCloseable {
  private static final long REDRAW_MILLIS = 100;
  private static final long LINE_MILLIS = 1_000;

  private final Screen screen;
  private final String node;
  private final PullProgress progress;
  private final long totalBytes;
  private final long startNanos = System.nanoTime();
  private final Thread thread;
  private final CompletableFuture<@Nullable Void> drawn = new CompletableFuture<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private boolean closed;

  private PullDisplay(Screen screen, String node, PullProgress progress, long totalBytes) {
    this.screen = screen;
    this.node = node;
    this.progress = progress;
    this.totalBytes = totalBytes;
    // A platform thread: it draws however busy those are that hash.
    this.thread = Thread.ofPlatform().name("demo-display").daemon().unstarted(this::run);
  }

  static PullDisplay start(Screen screen, String node, PullProgress progress, long totalBytes) {
    PullDisplay display = new PullDisplay(screen, node, progress, totalBytes);
    display.thread.start();
    return display;
  }

  private void run() {
    try {
      draw();
    } finally {
      drawn.complete(null);
    }
  }

  private void draw() {
    long periodMillis = screen.redraws() ? REDRAW_MILLIS : LINE_MILLIS;
    while (!awaitEnd(periodMillis)) {
      Duration time = Duration.ofNanos(System.nanoTime() - startNanos);
      String line = ProgressLine.of(screen.columns(), node, progress, totalBytes, time);
      if (screen.redraws()) {
        screen.redraw(line);
      } else {
        screen.line(line);
      }
    }
    screen.erase();
  }

  private boolean awaitEnd(long millis) {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
      while (!closed && nanos > 0) {
        nanos = ended.awaitNanos(nanos);
      }
      return closed;
    } catch (InterruptedException e) {
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the line away. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
    drawn.join();
  }
}
