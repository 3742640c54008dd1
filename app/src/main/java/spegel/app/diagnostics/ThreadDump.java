package spegel.app.diagnostics;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.util.concurrent.Semaphore;
import spegel.http.HttpExchange;
import spegel.http.HttpFields;
import spegel.http.HttpHandler;
import spegel.store.Blob;

/**
 * Answers with the stacks of all threads. The JVM writes them to a file, because only so they
 * include the virtual threads, of which there is one for each waiting request.
 */
final class ThreadDump implements HttpHandler {
  private static final HttpFields TEXT =
      HttpFields.of("Content-Type", "text/plain; charset=utf-8").with("Cache-Control", "no-store");

  private final Semaphore oneAtATime = new Semaphore(1);

  @Override
  public void handle(HttpExchange exchange) {
    if (!oneAtATime.tryAcquire()) {
      Answers.text(exchange, 409, "A thread dump is being written; ask again.\n");
      return;
    }
    try (ScratchFile file = ScratchFile.create("threads.txt")) {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.path().toString(), ThreadDumpFormat.TEXT_PLAIN);
      FileChannel written = file.open();
      Blob blob = new Blob.InFile(written, written.size());
      exchange.respond(200, TEXT, blob, 0, blob.size());
    } catch (IOException e) {
      Answers.text(
          exchange,
          503,
          "The dump cannot be written: "
              + e
              + ". A folder for temporary files (java.io.tmpdir, /tmp) must be writable.\n");
    } finally {
      oneAtATime.release();
    }
  }
}
