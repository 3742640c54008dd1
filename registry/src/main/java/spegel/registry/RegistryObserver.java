package spegel.registry;

import spegel.http.HttpExchange;
import spegel.http.HttpObserver;
import spegel.oci.Digest;

/** Hears of what the registry does, for metrics. Called on event loops: must not wait. */
public interface RegistryObserver extends HttpObserver {

  /**
   * A request of this node for content that it does not have itself has been answered.
   *
   * @param registry the registry's host as the request named it, empty when it did not: chosen by
   *     whoever asks, and so no label of a metric without a bound
   * @param hit whether another node had it
   */
  void mirrorRequest(String registry, boolean hit);

  /**
   * A blob of this node, or a part of it, is about to be sent to another node; {@link
   * #requestEnded} says how that ended.
   */
  void blobForPeer(HttpExchange exchange, Digest digest, long lengthBytes);
}
