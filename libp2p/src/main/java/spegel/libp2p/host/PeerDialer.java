package spegel.libp2p.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;

/**
 * Dials peers by their ids: concurrent calls for one peer share a dial, and an address at which the
 * peer did not answer is left alone for a while. Only that address: others may name a wrong one,
 * which is not the peer's fault.
 */
final class PeerDialer {
  private static final int MAX_ATTEMPTS = 2;

  private final Dialer dialer;
  private final Admission admission;
  private final Backoff<Target> backoff;
  private final Map<PeerId, CompletableFuture<Connection>> dialing = new ConcurrentHashMap<>();

  private record Target(PeerId peer, InetSocketAddress address) {}

  /** Puts a fresh connection into service. */
  interface Admission {
    /** Throws, and closes the connection, when there is no room for it. */
    Connection admit(Connection connection) throws IOException;
  }

  PeerDialer(Dialer dialer, InstantSource clock, Admission admission) {
    this.dialer = dialer;
    this.admission = admission;
    this.backoff = new Backoff<>(clock);
  }

  /** The peer is connected, in either direction: it may be dialled again at once. */
  void connected(PeerId peer) {
    backoff.succeededIf(target -> target.peer.equals(peer));
  }

  Connection dial(PeerId peer, List<InetSocketAddress> addresses) throws IOException {
    for (int attempt = 1; ; attempt++) {
      List<InetSocketAddress> tried = notLeftAlone(peer, addresses);
      CompletableFuture<Connection> mine = new CompletableFuture<>();
      CompletableFuture<Connection> theirs = dialing.putIfAbsent(peer, mine);
      if (theirs == null) {
        return dial(peer, tried, mine);
      }
      try {
        return await(theirs);
      } catch (IOException e) {
        // The other caller may have known other addresses; those that failed are left alone now.
        if (attempt == MAX_ATTEMPTS || Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
    }
  }

  private Connection dial(
      PeerId peer, List<InetSocketAddress> tried, CompletableFuture<Connection> mine)
      throws IOException {
    // Out of the map first, so that whoever waits for this dial may begin another.
    try {
      Connection connection = admission.admit(dialer.dial(tried, peer));
      dialing.remove(peer, mine);
      mine.complete(connection);
      return connection;
    } catch (IOException e) {
      if (!Thread.currentThread().isInterrupted()) {
        tried.forEach(address -> backoff.failed(new Target(peer, address)));
      }
      dialing.remove(peer, mine);
      mine.completeExceptionally(e);
      throw e;
    } finally {
      dialing.remove(peer, mine);
      mine.completeExceptionally(new Libp2pException("dialling was given up"));
    }
  }

  private List<InetSocketAddress> notLeftAlone(PeerId peer, List<InetSocketAddress> addresses)
      throws Libp2pException {
    List<InetSocketAddress> tried = new ArrayList<>(addresses.size());
    Duration shortest = Duration.ofDays(1);
    for (InetSocketAddress address : addresses) {
      Optional<Duration> pause = backoff.remaining(new Target(peer, address));
      if (pause.isEmpty()) {
        tried.add(address);
      } else if (pause.get().compareTo(shortest) < 0) {
        shortest = pause.get();
      }
    }
    if (tried.isEmpty() && !addresses.isEmpty()) {
      throw new Libp2pException(
          peer + " did not answer; left alone for " + shortest.toMillis() + " ms");
    }
    return tried;
  }

  private static Connection await(CompletableFuture<Connection> dial) throws IOException {
    try {
      return dial.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException("dialling was interrupted", e);
    } catch (ExecutionException e) {
      throw new Libp2pException("dialling failed, for another caller: " + e.getCause(), e);
    }
  }
}
