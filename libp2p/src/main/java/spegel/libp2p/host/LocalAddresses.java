package spegel.libp2p.host;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of this machine's interfaces. They may change, but the system takes its time to
 * list them, and each address that a peer announces is compared with them: so they are asked for
 * every few seconds at most.
 */
final class LocalAddresses {
  private static final Logger log = LoggerFactory.getLogger(LocalAddresses.class);
  private static final Duration MAX_AGE = Duration.ofSeconds(5);

  private volatile @Nullable Listing latest;

  private record Listing(Set<InetAddress> all, List<InetAddress> reachable, long takenNanos) {}

  /** Whether the address is one of them. */
  boolean contains(InetAddress address) {
    return listing().all.contains(address);
  }

  /** Those at which others may reach this machine: neither loopback nor link-local. */
  List<InetAddress> reachable() {
    return listing().reachable;
  }

  private Listing listing() {
    Listing known = latest;
    if (known == null || System.nanoTime() - known.takenNanos > MAX_AGE.toNanos()) {
      known = list();
      latest = known;
    }
    return known;
  }

  private static Listing list() {
    Set<InetAddress> all = new HashSet<>();
    List<InetAddress> reachable = new ArrayList<>();
    try {
      for (NetworkInterface nic : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        boolean up = nic.isUp();
        for (InetAddress address : Collections.list(nic.getInetAddresses())) {
          all.add(address);
          if (up && !address.isLoopbackAddress() && !address.isLinkLocalAddress()) {
            reachable.add(address);
          }
        }
      }
    } catch (SocketException e) {
      log.atWarn().addKeyValue("err", e.getMessage()).log("cannot list network interfaces");
    }
    return new Listing(all, List.copyOf(reachable), System.nanoTime());
  }
}
