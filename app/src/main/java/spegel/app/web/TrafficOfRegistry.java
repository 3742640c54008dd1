package spegel.app.web;

import spegel.http.HttpExchange;
import spegel.http.HttpOutcome;
import spegel.oci.Digest;
import spegel.registry.RegistryObserver;

/** Tells of blobs for peers, and of what the mirror was asked for. */
record TrafficOfRegistry(Traffic traffic, RegistryObserver next) implements RegistryObserver {

  @Override
  public void mirrorRequest(String registry, boolean hit) {
    traffic.asked(hit);
    next.mirrorRequest(registry, hit);
  }

  @Override
  public void blobForPeer(HttpExchange exchange, Digest digest, long lengthBytes) {
    traffic.began(exchange, digest, lengthBytes);
    next.blobForPeer(exchange, digest, lengthBytes);
  }

  @Override
  public void requestStarted(String route) {
    next.requestStarted(route);
  }

  @Override
  public void requestEnded(HttpExchange exchange, HttpOutcome outcome) {
    traffic.ended(exchange, outcome);
    next.requestEnded(exchange, outcome);
  }
}
