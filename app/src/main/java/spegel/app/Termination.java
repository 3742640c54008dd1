package spegel.app;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wish of whoever started the process that it end: SIGTERM, or SIGINT from a terminal. The
 * first is for the command to hear, which then ends in good order; a second one ends the process at
 * once. A shutdown hook could not do that: the JVM would wait for it whatever else comes, and exit
 * with the signal's status instead of 0.
 */
public final class Termination {
  private static final Logger log = LoggerFactory.getLogger(Termination.class);

  /** The status of a process that a second signal ended, as shells count SIGTERM: 128 + 15. */
  private static final int TERMINATED = 143;

  /** Exit status when the end takes too long. */
  private static final int OVERDUE = 1;

  private final CountDownLatch wished = new CountDownLatch(1);

  /** Hears the process's signals from now on. */
  void listen() {
    listenTo("TERM");
    listenTo("INT");
  }

  /** Wishes it from within the process. */
  public void request() {
    wished.countDown();
  }

  /**
   * The JDK's only way to hear of a signal is an unsupported class of its module jdk.unsupported,
   * which javac warns of in a way that nothing can switch off; hence by reflection.
   */
  private void listenTo(String signal) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              handlerType.getClassLoader(),
              new Class<?>[] {handlerType},
              (_, _, _) -> {
                heard(signal);
                return null;
              });
      Object handled = type.getConstructor(String.class).newInstance(signal);
      type.getMethod("handle", type, handlerType).invoke(null, handled, handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java runtime cannot handle SIG" + signal, e);
    }
  }

  private void heard(String signal) {
    if (wished.getCount() == 0) {
      Runtime.getRuntime().halt(TERMINATED);
    }
    log.atInfo().addKeyValue("signal", signal).log("told to end");
    request();
  }

  /** Waits for the wish; an interrupt counts as one. */
  void await() {
    try {
      wished.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits so long for the wish, and tells whether it was made; an interrupt counts as one. */
  boolean await(Duration atMost) {
    try {
      return wished.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Interrupts the thread when the end is wished, unless what it gives is closed before. */
  Interruption interrupting(Thread thread) {
    return new Interruption(
        Thread.ofVirtual()
            .name("termination-interrupt")
            .start(
                () -> {
                  try {
                    wished.await();
                    thread.interrupt();
                  } catch (InterruptedException e) {
                    // What the thread did has ended by itself.
                  }
                }));
  }

  /** A thread that is interrupted when the end is wished. */
  record Interruption(Thread guard) implements AutoCloseable {
    @Override
    public void close() {
      guard.interrupt();
    }
  }

  /** Ends the process as failed, unless what it gives is closed in time. */
  static Deadline within(Duration time) {
    return new Deadline(
        Thread.ofPlatform()
            .daemon()
            .name("termination-deadline")
            .start(
                () -> {
                  try {
                    Thread.sleep(time);
                    log.atError()
                        .addKeyValue("seconds", time.toSeconds())
                        .log("some part does not end: the process ends without it");
                    Runtime.getRuntime().halt(OVERDUE);
                  } catch (InterruptedException e) {
                    // All parts have ended in time.
                  }
                }));
  }

  /** A time by which something has to end. */
  record Deadline(Thread guard) implements AutoCloseable {
    @Override
    public void close() {
      guard.interrupt();
    }
  }
}
