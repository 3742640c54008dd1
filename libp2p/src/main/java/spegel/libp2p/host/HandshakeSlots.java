package spegel.libp2p.host;

import java.net.Socket;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The inbound connections that are in their handshake, within a bound. When all slots are taken, a
 * newcomer gets that of the oldest connection from the network that has the most: whoever stalls
 * handshakes keeps nobody out but himself. Safe for use by many threads.
 */
final class HandshakeSlots {
  private final int maxHandshakes;

  // Guarded by this.
  private final Map<Socket, RemoteNetwork> oldestFirst = new LinkedHashMap<>();
  private final Map<RemoteNetwork, Integer> counts = new HashMap<>();

  HandshakeSlots(int maxHandshakes) {
    this.maxHandshakes = maxHandshakes;
  }

  /**
   * Takes a slot for a connection.
   *
   * @return the connection that had to make way for it, to be closed
   */
  synchronized Optional<Socket> enter(Socket socket, RemoteNetwork network) {
    Optional<Socket> displaced =
        oldestFirst.size() < maxHandshakes ? Optional.empty() : oldestOfTheMost();
    displaced.ifPresent(this::leave);
    oldestFirst.put(socket, network);
    counts.merge(network, 1, Integer::sum);
    return displaced;
  }

  private Optional<Socket> oldestOfTheMost() {
    int most = Collections.max(counts.values());
    return oldestFirst.entrySet().stream()
        .filter(entry -> counts.getOrDefault(entry.getValue(), 0) == most)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The handshake has ended; nothing, when the connection had to make way before. */
  synchronized void leave(Socket socket) {
    RemoteNetwork network = oldestFirst.remove(socket);
    if (network != null) {
      counts.computeIfPresent(network, (_, count) -> count == 1 ? null : count - 1);
    }
  }
}
