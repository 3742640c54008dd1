package spegel.routing.kad;

import java.net.InetAddress;
import java.util.List;

/**
 * A peer that this router knows.
 *
 * @param id its identity, as text
 * @param addresses where it may be reached, those where it has proved its identity first
 * @param connected whether there is a connection now
 * @param agentVersion its software as it says; empty when it has not said
 */
public record RouterPeer(
    String id, List<InetAddress> addresses, boolean connected, String agentVersion) {
  public RouterPeer {
    addresses = List.copyOf(addresses);
  }
}
