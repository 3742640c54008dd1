package spegel.peer;

import java.net.InetSocketAddress;
import java.util.List;
import spegel.http.HttpFields;

/**
 * A request to a peer.
 *
 * @param addresses where the peer's registry may be reached, best first; at least one
 * @param method GET or HEAD
 * @param target path and query, percent-encoded
 * @param fields header fields besides Host
 * @param atWork whether the peer is sending us something now: then it is no dead node that does not
 *     accept a connection at once, but one whose link is full
 */
public record PeerRequest(
    List<InetSocketAddress> addresses,
    String method,
    String target,
    HttpFields fields,
    boolean atWork) {
  /** A request to a peer of which nothing is known. */
  public PeerRequest(
      List<InetSocketAddress> addresses, String method, String target, HttpFields fields) {
    this(addresses, method, target, fields, false);
  }

  public PeerRequest {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty() || addresses.stream().anyMatch(InetSocketAddress::isUnresolved)) {
      throw new IllegalArgumentException("no address to ask");
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw new IllegalArgumentException("peers are only asked for something");
    }
    if (!target.startsWith("/") || !target.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new IllegalArgumentException("a target is a path in visible ASCII");
    }
  }
}
