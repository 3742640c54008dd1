package spegel.libp2p.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import spegel.libp2p.PeerId;

/**
 * The connections that a host has, within bounds: at most {@value #MAX_PER_PEER} with one peer,
 * since two peers may dial each other at once and nobody breaks the tie, a number with one network,
 * so that nobody by himself takes them all, or much of the memory, and a number in all. Oldest
 * first. A connection makes way for another only when it has been without a stream for a while.
 */
final class ConnectionTable {
  static final int MAX_PER_PEER = 2;
  static final long MIN_IDLE_MILLIS = 30_000;

  private final int maxConnections;
  private final int maxPerNetwork;

  // Guarded by this.
  private final Map<PeerId, List<Connection>> byPeer = new HashMap<>();
  private int count;

  ConnectionTable(int maxConnections, int maxPerNetwork) {
    this.maxConnections = maxConnections;
    this.maxPerNetwork = maxPerNetwork;
  }

  /**
   * What {@link #add} did.
   *
   * @param accepted whether the connection is in the table
   * @param first whether it is the only one with its peer
   * @param displaced the idle connection that made way for it, already out of the table; to be
   *     closed
   */
  record Added(boolean accepted, boolean first, Optional<Connection> displaced) {}

  synchronized Added add(Connection connection) {
    List<Connection> crowd = crowd(connection);
    Optional<Connection> displaced = idlest(crowd);
    if (!crowd.isEmpty() && displaced.isEmpty()) {
      return new Added(false, false, displaced);
    }
    displaced.ifPresent(this::removeNow);
    List<Connection> list = byPeer.computeIfAbsent(connection.peer(), _ -> new ArrayList<>(1));
    list.add(connection);
    count++;
    return new Added(true, list.size() == 1, displaced);
  }

  /** Those of whom one has to make way for the connection; empty when there is room. */
  private List<Connection> crowd(Connection connection) {
    List<Connection> withPeer = byPeer.getOrDefault(connection.peer(), List.of());
    if (withPeer.size() >= MAX_PER_PEER) {
      return withPeer;
    }
    RemoteNetwork network = connection.network();
    List<Connection> all = all();
    List<Connection> withNetwork =
        all.stream().filter(other -> other.network().equals(network)).toList();
    if (withNetwork.size() >= maxPerNetwork) {
      return withNetwork;
    }
    return count >= maxConnections ? all : List.of();
  }

  private static Optional<Connection> idlest(List<Connection> candidates) {
    return candidates.stream()
        .filter(connection -> connection.idleMillis() >= MIN_IDLE_MILLIS)
        .max(Comparator.comparingLong(Connection::idleMillis));
  }

  /** Takes the connection out; true when it was the last with its peer. */
  synchronized boolean remove(Connection connection) {
    return removeNow(connection);
  }

  private boolean removeNow(Connection connection) {
    List<Connection> list = byPeer.get(connection.peer());
    if (list == null || !list.remove(connection)) {
      return false;
    }
    count--;
    if (list.isEmpty()) {
      byPeer.remove(connection.peer());
      return true;
    }
    return false;
  }

  /** The oldest connection with the peer. */
  synchronized Optional<Connection> find(PeerId peer) {
    List<Connection> list = byPeer.get(peer);
    return list == null ? Optional.empty() : Optional.of(list.getFirst());
  }

  synchronized List<Connection> with(PeerId peer) {
    return List.copyOf(byPeer.getOrDefault(peer, List.of()));
  }

  synchronized List<Connection> all() {
    return byPeer.values().stream().flatMap(List::stream).toList();
  }

  synchronized List<PeerId> peers() {
    return List.copyOf(byPeer.keySet());
  }

  synchronized int size() {
    return count;
  }
}
