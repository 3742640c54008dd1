package spegel.e2e.harness;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;

/** Prints the ends of the logs of the processes that a test had, when it fails. */
public final class FailureLogs
    implements BeforeEachCallback,
        TestWatcher,
        LifecycleMethodExecutionExceptionHandler,
        AfterClassTemplateInvocationCallback {
  private static final int MAX_BYTES_EACH = 8 << 10;
  private static final int MAX_PROCESSES = 12;

  @Override
  public void beforeEach(ExtensionContext context) {
    ChildProcess.forgetEnded();
  }

  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    print(context);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable cause)
      throws Throwable {
    print(context);
    throw cause;
  }

  @Override
  public void afterClassTemplateInvocation(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      print(context);
    }
  }

  private static void print(ExtensionContext context) {
    var started = ChildProcess.started();
    for (ChildProcess child :
        started.subList(Math.max(0, started.size() - MAX_PROCESSES), started.size())) {
      System.out.printf(
          "%n---- %s failed: log of %s (%s)%n%s%n",
          context.getDisplayName(),
          child.name(),
          child.alive() ? "running" : "ended",
          child.tail(MAX_BYTES_EACH));
    }
  }
}
