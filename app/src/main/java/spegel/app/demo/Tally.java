package spegel.app.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import spegel.app.command.CommandFailedException;

/** What each of some servers sends from now on, by their own count. */
final class Tally {
  private static final Duration ENDED_WITHIN = Duration.ofSeconds(10);

  private final Map<Server, Long> before = new LinkedHashMap<>();

  private Tally(List<? extends Server> servers) throws IOException, InterruptedException {
    for (Server server : servers) {
      before.put(server, settled(server));
    }
  }

  static Tally of(List<? extends Server> servers) throws IOException, InterruptedException {
    return new Tally(servers);
  }

  /** Bytes since the start by the server's name, in the order in which they were given. */
  Map<String, Long> sent() throws IOException, InterruptedException {
    Map<String, Long> sent = new LinkedHashMap<>();
    for (Map.Entry<Server, Long> server : before.entrySet()) {
      sent.put(server.getKey().name(), settled(server.getKey()) - server.getValue());
    }
    return sent;
  }

  /** A client has the last byte a moment before the server has counted it. */
  private static long settled(Server server) throws IOException, InterruptedException {
    if (!Patience.await(ENDED_WITHIN, () -> server.sent().running() == 0)) {
      throw new CommandFailedException(
          server.name() + " still sends, though nobody asks any more: its count cannot be told");
    }
    return server.sent().bytes();
  }
}
