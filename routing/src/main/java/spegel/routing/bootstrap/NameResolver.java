package spegel.routing.bootstrap;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Names to addresses in bounded time. The system's resolver cannot be interrupted, so it runs on a
 * thread of its own, one at a time; a call that finds the one before still waiting waits for that.
 */
final class NameResolver {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** The order of addresses as numbers, so that all nodes begin with the same peers. */
  private static final Comparator<InetAddress> BY_NUMBER =
      (a, b) -> Arrays.compareUnsigned(a.getAddress(), b.getAddress());

  /** What the system knows of a name. */
  interface Source {
    InetAddress[] addresses(String name) throws UnknownHostException;
  }

  private final Source source;
  private final Duration timeout;

  // Guarded by this.
  private @Nullable FutureTask<InetAddress[]> running;
  private String runningName = "";

  NameResolver(Source source, Duration timeout) {
    this.source = source;
    this.timeout = timeout;
  }

  static NameResolver system() {
    return new NameResolver(InetAddress::getAllByName, TIMEOUT);
  }

  /**
   * The first addresses of each family, IPv4 before IPv6, sorted.
   *
   * @param maxPerFamily how many of each
   * @throws IOException when the name is not known, or no answer comes in time
   */
  List<InetAddress> resolve(String name, int maxPerFamily) throws IOException {
    InetAddress[] all;
    try {
      all = task(name).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "resolving " + name + ": no answer within " + timeout.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      // The system's message is the name alone.
      throw new IOException("resolving " + name + ": the name has no address", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("resolving " + name + " was interrupted", e);
    }
    return Stream.concat(
            ofFamily(all, Inet4Address.class, maxPerFamily),
            ofFamily(all, Inet6Address.class, maxPerFamily))
        .toList();
  }

  private static Stream<InetAddress> ofFamily(
      InetAddress[] all, Class<? extends InetAddress> family, int max) {
    return Arrays.stream(all).filter(family::isInstance).distinct().sorted(BY_NUMBER).limit(max);
  }

  private synchronized FutureTask<InetAddress[]> task(String name) throws IOException {
    FutureTask<InetAddress[]> task = running;
    if (task != null && !task.isDone()) {
      if (!runningName.equals(name)) {
        throw new IOException("resolving " + name + ": the resolver is busy with " + runningName);
      }
      return task;
    }
    task = new FutureTask<>(() -> source.addresses(name));
    running = task;
    runningName = name;
    Thread.ofPlatform().daemon().name("resolver").start(task);
    return task;
  }
}
