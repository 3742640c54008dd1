package spegel.registry;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import spegel.http.HttpExchange;
import spegel.http.HttpObserver;
import spegel.http.HttpOutcome;

/**
 * Bounds how many blobs peers are sent at one time, over all of them and for each, so that the node
 * itself and its other peers have their share. A peer without a place is told to ask another node.
 */
final class PeerPlaces implements HttpObserver {
  static final int MAX_PLACES = 128;

  /** What one containerd asks for at once: some layers, each in some ranges. */
  static final int MAX_PLACES_PER_PEER = 32;

  private final int maxPlaces;
  private final int maxPlacesPerPeer;
  private final HttpObserver next;

  // Guarded by this.
  private final Map<HttpExchange, InetAddress> taken = new HashMap<>();
  private final Map<InetAddress, Integer> byPeer = new HashMap<>();

  /**
   * @param next is told of everything, too
   */
  PeerPlaces(int maxPlaces, int maxPlacesPerPeer, HttpObserver next) {
    this.maxPlaces = maxPlaces;
    this.maxPlacesPerPeer = maxPlacesPerPeer;
    this.next = next;
  }

  /** Takes a place until the request has ended; false when none is free, or it has ended. */
  synchronized boolean take(HttpExchange exchange) {
    InetAddress peer = exchange.remoteAddress().getAddress();
    if (taken.size() >= maxPlaces || byPeer.getOrDefault(peer, 0) >= maxPlacesPerPeer) {
      return false;
    }
    if (taken.put(exchange, peer) == null) {
      byPeer.merge(peer, 1, Integer::sum);
    }
    if (exchange.isOver()) {
      // The client left before its request came to this: nobody would free the place.
      free(exchange);
      return false;
    }
    return true;
  }

  @Override
  public void requestStarted(String route) {
    next.requestStarted(route);
  }

  @Override
  public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
    free(exchange);
    next.requestEnded(exchange, outcome);
  }

  private synchronized void free(HttpExchange exchange) {
    InetAddress peer = taken.remove(exchange);
    if (peer != null) {
      byPeer.computeIfPresent(peer, (same, places) -> places == 1 ? null : places - 1);
    }
  }
}
