package spegel.e2e.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Does things at the same time, and fails when one of them does. */
public final class Together {
  private Together() {}

  /** Calls the action with 0, 1, … at once, and returns when all calls have. */
  public static void times(int count, IntConsumer action) {
    List<Runnable> actions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int index = i;
      actions.add(() -> action.accept(index));
    }
    run(actions);
  }

  /** Runs all at once, and returns when all have ended. */
  public static void run(Runnable... actions) {
    run(List.of(actions));
  }

  /** Runs all at once, and returns when all have ended. */
  public static void run(List<Runnable> actions) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> futures = new ArrayList<>();
      for (Runnable action : actions) {
        futures.add(threads.submit(action));
      }
      for (Future<?> future : futures) {
        await(future);
      }
    }
  }

  /** What the future gives; an {@link AssertionError} when that is a failure. */
  public static <T> T await(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (ExecutionException e) {
      throw new AssertionError("one of several failed: " + e.getCause(), e.getCause());
    }
  }
}
