package spegel.e2e.harness;

import io.avaje.json.mapper.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A conversation with a browser: calls and their answers, and events. */
final class DevTools implements WebSocket.Listener, AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long ANSWER_WITHIN_SECONDS = 60;

  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<Map<String, Object>>> calls =
      new ConcurrentHashMap<>();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final StringBuilder message = new StringBuilder();
  private final CompletableFuture<WebSocket> socket = new CompletableFuture<>();

  /** Something that the browser has told of by itself. */
  record Event(String session, String method, Map<?, ?> parameters) {}

  private DevTools() {}

  static DevTools connect(HttpClient client, URI address) {
    DevTools tools = new DevTools();
    tools.socket.complete(client.newWebSocketBuilder().buildAsync(address, tools).join());
    return tools;
  }

  /** The result of a call; an {@link AssertionError} when it fails. */
  Map<?, ?> call(String session, String method, Map<String, Object> parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    calls.put(id, answer);
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("id", id);
    call.put("method", method);
    call.put("params", parameters);
    if (!session.isEmpty()) {
      call.put("sessionId", session);
    }
    socket.join().sendText(JSON.toJson(call), true).join();
    try {
      Map<String, Object> answered = answer.get(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS);
      if (answered.get("result") instanceof Map<?, ?> result) {
        return result;
      }
      throw new AssertionError(method + ": " + answered);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(method + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(method + " was interrupted", e);
    }
  }

  /** All events of a session so far. */
  List<Event> events(String session) {
    return events.stream().filter(event -> event.session.equals(session)).toList();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    message.append(data);
    if (last) {
      take(JSON.fromJsonObject(message.toString()));
      message.setLength(0);
    }
    from.request(1);
    return CompletableFuture.completedStage(null);
  }

  private void take(Map<String, Object> received) {
    if (received.get("id") instanceof Number id) {
      CompletableFuture<Map<String, Object>> call = calls.remove(id.intValue());
      if (call != null) {
        call.complete(received);
      }
    } else if (received.get("params") instanceof Map<?, ?> parameters) {
      events.add(
          new Event(
              String.valueOf(received.getOrDefault("sessionId", "")),
              String.valueOf(received.get("method")),
              parameters));
    }
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    calls.values().forEach(call -> call.completeExceptionally(error));
  }

  @Override
  public void close() {
    socket.join().abort();
  }
}
