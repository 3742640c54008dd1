package spegel.libp2p.host;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Whom an address belongs to, as far as an address tells: an IPv4 address stands for itself, an
 * IPv6 address for its /64, of which a single machine has all addresses.
 *
 * @param prefix the address, an IPv6 one with its last 64 bits zero
 */
record RemoteNetwork(InetAddress prefix) {
  private static final int IP6_PREFIX_BYTES = 8;

  static RemoteNetwork of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return new RemoteNetwork(address);
    }
    Arrays.fill(bytes, IP6_PREFIX_BYTES, bytes.length, (byte) 0);
    try {
      return new RemoteNetwork(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP address of " + bytes.length + " bytes", e);
    }
  }
}
