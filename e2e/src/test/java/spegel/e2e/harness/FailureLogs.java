package spegel.e2e.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * When a test fails, prints the ends of the logs of the processes that it had, and keeps the whole
 * in {@code target/failure-logs}.
 */
public final class FailureLogs
    implements BeforeEachCallback,
        TestWatcher,
        LifecycleMethodExecutionExceptionHandler,
        AfterClassTemplateInvocationCallback {
  private static final int MAX_BYTES_EACH = 8 << 10;
  private static final int MAX_PROCESSES = 12;
  private static final Path KEPT = Path.of(Repository.file("e2e/target/failure-logs"));

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
    List<ChildProcess> started = ChildProcess.started();
    for (ChildProcess child :
        started.subList(Math.max(0, started.size() - MAX_PROCESSES), started.size())) {
      System.out.printf(
          "%n---- %s failed: log of %s (%s)%n%s%n",
          context.getDisplayName(),
          child.name(),
          child.alive() ? "running" : "ended",
          child.tail(MAX_BYTES_EACH));
    }
    keep(context, started);
  }

  private static void keep(ExtensionContext context, List<ChildProcess> started) {
    String test =
        context.getTestClass().map(Class::getSimpleName).orElse("")
            + "-"
            + context.getDisplayName();
    Path folder = KEPT.resolve(test.replaceAll("[^A-Za-z0-9.,]+", "-"));
    try {
      Files.createDirectories(folder);
      for (int i = 0; i < started.size(); i++) {
        ChildProcess child = started.get(i);
        Path kept = folder.resolve(i + "-" + child.name().replace(' ', '-') + ".log");
        Files.copy(child.log(), kept, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      System.out.println("cannot keep the logs: " + e);
    }
  }
}
