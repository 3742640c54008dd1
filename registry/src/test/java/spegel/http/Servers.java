package spegel.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import spegel.store.Blob;

/** What the tests of the server share. */
final class Servers {
  static final ListenAddress LOOPBACK = new ListenAddress("127.0.0.1", 0);
  static final HttpFields TEXT = HttpFields.of("Content-Type", "text/plain");
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long POLL_MILLIS = 5;

  private Servers() {}

  static HttpServerOptions options() {
    return HttpServerOptions.of("test", LOOPBACK).withEventLoops(1, 2);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    return content;
  }

  /** Answers with the target. */
  static void echo(HttpExchange exchange) {
    exchange.respond(200, TEXT, bytes(exchange.path() + "?" + exchange.query()));
  }

  /** Answers {@code /file} with the file, opened in a virtual thread; all else with the target. */
  static HttpHandler filesOr(Path file, HttpHandler others) {
    return exchange -> {
      if (exchange.path().equals("/file")) {
        exchange.runBlocking(rest -> respond(rest, file));
      } else {
        others.handle(exchange);
      }
    };
  }

  static void respond(HttpExchange exchange, Path file) {
    Blob.InFile blob = open(file);
    exchange.respond(200, HttpFields.NONE, blob, 0, blob.size());
  }

  static Blob.InFile open(Path file) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      return new Blob.InFile(channel, channel.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it is so. */
  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long start = System.nanoTime();
    Object monitor = new Object();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > DEADLINE_NANOS) {
        throw new AssertionError("in vain: " + what);
      }
      synchronized (monitor) {
        monitor.wait(POLL_MILLIS);
      }
    }
  }

  /** Lets time pass where the passing of time is what is tested. */
  static void pause(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    await("the time", () -> System.nanoTime() - end >= 0);
  }
}
