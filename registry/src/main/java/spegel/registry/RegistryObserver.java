package spegel.registry;

import spegel.http.HttpObserver;

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
}
