package spegel.app.diagnostics;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.text.ParseException;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;
import spegel.store.Blob;

/**
 * Records for some seconds with JDK Flight Recorder and answers with the file. One recording at a
 * time, at most {@value #MAX_SECONDS} seconds and {@value #MAX_BYTES} bytes: the oldest events go
 * first.
 */
final class FlightRecording implements HttpHandler {
  private static final int DEFAULT_SECONDS = 10;
  private static final int MAX_SECONDS = 60;
  private static final long MAX_BYTES = 16L * 1024 * 1024;
  private static final Pattern SECONDS = Pattern.compile("(?:.*&)?seconds=([0-9]{1,3})(?:&.*)?");

  private static final HttpFields FILE =
      HttpFields.of("Content-Type", "application/octet-stream")
          .with("Content-Disposition", "attachment; filename=\"spegel.jfr\"")
          .with("Cache-Control", "no-store");

  private final Semaphore oneAtATime = new Semaphore(1);

  @Override
  public void handle(HttpExchange exchange) {
    OptionalInt seconds = seconds(exchange.query());
    if (seconds.isEmpty()) {
      Answers.text(exchange, 400, "seconds must be a number from 1 to " + MAX_SECONDS + "\n");
      return;
    }
    if (exchange.method().equals("HEAD")) {
      Answers.text(exchange, 405, "A recording is had with GET.\n");
      return;
    }
    if (!oneAtATime.tryAcquire()) {
      Answers.text(exchange, 409, "A recording is under way; ask again when it is over.\n");
      return;
    }
    try {
      record(exchange, seconds.getAsInt());
    } catch (IOException | ParseException e) {
      Answers.text(
          exchange,
          503,
          "The recording cannot be made: "
              + e
              + ". A folder for temporary files (java.io.tmpdir, /tmp) must be writable.\n");
    } finally {
      oneAtATime.release();
    }
  }

  private static void record(HttpExchange exchange, int seconds)
      throws IOException, ParseException {
    try (ScratchFile file = ScratchFile.create("spegel.jfr");
        Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
      recording.setMaxSize(MAX_BYTES);
      recording.setMaxAge(Duration.ofSeconds(MAX_SECONDS));
      // Environment variables may be secrets, and what is on the heap is not for everybody.
      recording.disable("jdk.InitialEnvironmentVariable");
      recording.disable("jdk.OldObjectSample");
      recording.start();
      // The server interrupts this thread when it stops; then what there is so far is answered.
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      long left = end - System.nanoTime();
      while (left > 0 && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(recording, left);
        left = end - System.nanoTime();
      }
      recording.stop();
      recording.dump(file.path());
      FileChannel written = file.open();
      Blob blob = new Blob.InFile(written, written.size());
      exchange.respond(200, FILE, blob, 0, blob.size());
    }
  }

  /** The wanted length; empty when it is wrong. */
  static OptionalInt seconds(String query) {
    if (query.isEmpty()) {
      return OptionalInt.of(DEFAULT_SECONDS);
    }
    Matcher matcher = SECONDS.matcher(query);
    if (!matcher.matches()) {
      return OptionalInt.empty();
    }
    int seconds = Integer.parseInt(matcher.group(1));
    return seconds >= 1 && seconds <= MAX_SECONDS ? OptionalInt.of(seconds) : OptionalInt.empty();
  }
}
