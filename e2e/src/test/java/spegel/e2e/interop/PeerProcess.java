package spegel.e2e.interop;

import io.avaje.json.mapper.JsonMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import spegel.e2e.harness.ChildProcess;
import spegel.e2e.harness.Json;
import spegel.e2e.harness.NetworkNamespace;
import spegel.e2e.harness.RunFolder;
import spegel.e2e.harness.SetUp;

/**
 * A process of another implementation's hosts, told what to do by lines of JSON. Calls may be made
 * by many threads, and are answered in any order.
 */
final class PeerProcess implements AutoCloseable {
  private static final Duration CALL_WITHIN = Duration.ofSeconds(20);

  /** For an answer to come back that was given at the last moment. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private static final int LOG_BYTES = 4 << 10;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String name;
  private final ChildProcess process;
  private final BufferedWriter requests;
  private final AtomicLong nextId = new AtomicLong();
  private final Map<Long, CompletableFuture<Map<String, Object>>> waiting =
      new ConcurrentHashMap<>();

  private PeerProcess(String name, ChildProcess process) {
    this.name = name;
    this.process = process;
    this.requests = process.input();
    BufferedReader answers = process.output();
    Thread.ofVirtual().name(name + "-answers").start(() -> read(answers));
  }

  /** A process of go-libp2p, without a host yet. */
  static PeerProcess go() {
    return start("go-libp2p", goCommand());
  }

  /** A process of go-libp2p in a network of its own. */
  static PeerProcess go(NetworkNamespace network) {
    return start("go-libp2p", network.wrap(goCommand()));
  }

  private static List<String> goCommand() {
    return List.of(SetUp.folder("interop-go").resolve("peer").toString());
  }

  /** A process of js-libp2p, without a host yet. */
  static PeerProcess js() {
    return start(
        "js-libp2p", List.of("node", SetUp.folder("interop-js").resolve("main.js").toString()));
  }

  private static PeerProcess start(String name, List<String> command) {
    Path log = RunFolder.current().newFolder(name).resolve("log");
    return new PeerProcess(name, ChildProcess.converse(name, log, command));
  }

  /** Starts a host of the kind that the fields describe, see {@code interop/README.md}. */
  ForeignHost host(Map<String, Object> spec) {
    return hosts(1, spec).getFirst();
  }

  /** Starts so many hosts of one kind. */
  List<ForeignHost> hosts(int count, Map<String, Object> spec) {
    Object started = call("start", Map.of("count", count, "start", spec), Duration.ofSeconds(30));
    return Json.objects(started).stream().map(host -> ForeignHost.of(this, host)).toList();
  }

  /** Has an operation done, and waits for its result. */
  @Nullable Object call(String operation, Map<String, ?> fields) {
    return call(operation, fields, CALL_WITHIN);
  }

  /** Has an operation done in the time given; a refusal is an {@link AssertionError}. */
  @Nullable Object call(String operation, Map<String, ?> fields, Duration within) {
    long id = nextId.incrementAndGet();
    Map<String, Object> request = new LinkedHashMap<>(fields);
    request.put("id", id);
    request.put("op", operation);
    request.put("timeoutMillis", within.toMillis());
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    try {
      write(JSON.toJson(request));
      Map<String, Object> given = answer.get(within.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
      Object error = given.get("error");
      if (error != null) {
        throw new AssertionError("%s, %s: %s".formatted(name, operation, error));
      }
      return given.get("result");
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new AssertionError(
          "%s, %s: no answer: %s%n%s".formatted(name, operation, e, process.tail(LOG_BYTES)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + name, e);
    } finally {
      waiting.remove(id);
    }
  }

  private void write(String line) throws IOException {
    synchronized (requests) {
      requests.write(line);
      requests.newLine();
      requests.flush();
    }
  }

  private void read(BufferedReader answers) {
    IOException reason = new IOException("the process has ended");
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        Map<String, Object> answer = JSON.fromJsonObject(line);
        CompletableFuture<Map<String, Object>> caller = waiting.get(Json.number(answer, "id"));
        if (caller != null) {
          caller.complete(answer);
        }
      }
    } catch (IOException e) {
      reason = e;
    }
    IOException cause = reason;
    waiting.values().forEach(caller -> caller.completeExceptionally(cause));
  }

  /** Ends the process at once, as a crash would. */
  void kill() {
    process.kill();
  }

  /** Has all hosts stopped in good order. */
  @Override
  public void close() {
    if (process.alive()) {
      try {
        write(JSON.toJson(Map.of("op", "quit")));
        process.awaitExit(Duration.ofSeconds(10));
      } catch (IOException e) {
        // It is ending by itself.
      }
    }
    process.close();
  }
}
