package spegel.libp2p.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import spegel.libp2p.Libp2pException;
import spegel.libp2p.PeerId;

/**
 * Dials one peer at several addresses: the next starts when the one before has failed or is slow;
 * the first that is secured wins.
 */
final class Dialer {
  private static final int MAX_ADDRESSES = 8;
  private static final Duration STAGGER = Duration.ofMillis(100);

  private final Upgrade upgrade;
  private final Duration timeout;
  private final Semaphore dials;

  /**
   * A dialer for one host.
   *
   * @param timeout for each address, from connect to the end of the handshake
   * @param maxDials addresses dialled at a time, over all peers
   */
  Dialer(Upgrade upgrade, Duration timeout, int maxDials) {
    this.upgrade = upgrade;
    this.timeout = timeout;
    this.dials = new Semaphore(maxDials, true);
  }

  /** How one address did: a connection, or why not. */
  private record Outcome(@Nullable Connection connection, @Nullable IOException failure) {}

  /**
   * Dials until one address answers as the peer expected.
   *
   * @param expected the id it must prove, or null when any will do
   * @throws IOException when none does; the message names the last cause
   */
  Connection dial(List<InetSocketAddress> addresses, @Nullable PeerId expected) throws IOException {
    List<InetSocketAddress> tried = addresses.stream().distinct().limit(MAX_ADDRESSES).toList();
    if (tried.isEmpty()) {
      throw new Libp2pException("no address of the peer can be dialled");
    }
    Race race = new Race(tried.size());
    IOException last = new Libp2pException("no address answered within " + timeout);
    int started = 0;
    int ended = 0;
    try {
      while (ended < tried.size()) {
        if (started < tried.size()) {
          race.start(tried.get(started++), expected);
        }
        Duration wait = started < tried.size() ? STAGGER : timeout.plus(STAGGER);
        Outcome outcome = race.outcomes.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (outcome == null) {
          if (started == tried.size()) {
            break;
          }
          continue;
        }
        ended++;
        if (outcome.connection != null) {
          return outcome.connection;
        }
        if (outcome.failure != null) {
          last = outcome.failure;
        }
      }
      throw new Libp2pException("dialling failed: " + last.getMessage(), last);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Libp2pException("dialling was interrupted", e);
    } finally {
      race.end();
    }
  }

  /** The attempts of one dial; whatever is under way when it ends is closed. */
  private final class Race {
    final BlockingQueue<Outcome> outcomes;
    private final List<Socket> sockets = new ArrayList<>();

    /** Won, or given up. */
    private boolean over;

    Race(int attempts) {
      this.outcomes = new ArrayBlockingQueue<>(attempts);
    }

    void start(InetSocketAddress address, @Nullable PeerId expected) {
      Thread.ofVirtual().name("libp2p-dial").start(() -> finish(attempt(address, expected)));
    }

    private Outcome attempt(InetSocketAddress address, @Nullable PeerId expected) {
      Socket socket = new Socket();
      try {
        if (!dials.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
          return new Outcome(null, new Libp2pException("too many dials under way"));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Outcome(null, new Libp2pException("interrupted", e));
      }
      try {
        if (!watch(socket)) {
          return new Outcome(null, new Libp2pException("another address was faster"));
        }
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        socket.connect(address, (int) timeout.toMillis());
        socket.setSoTimeout((int) timeout.toMillis());
        Connection connection = upgrade.outbound(socket, expected);
        socket.setSoTimeout(0);
        return new Outcome(connection, null);
      } catch (IOException e) {
        Upgrade.closeQuietly(socket);
        return new Outcome(null, new Libp2pException(address + ": " + e.getMessage(), e));
      } finally {
        dials.release();
        unwatch(socket);
      }
    }

    /** Hands the outcome over, or closes a connection that nobody waits for any more. */
    private void finish(Outcome outcome) {
      Connection late = outcome.connection;
      synchronized (this) {
        if (!over) {
          over = late != null;
          outcomes.add(outcome);
          late = null;
        }
      }
      if (late != null) {
        late.close();
      }
    }

    private synchronized boolean watch(Socket socket) {
      if (over) {
        return false;
      }
      sockets.add(socket);
      return true;
    }

    private synchronized void unwatch(Socket socket) {
      sockets.remove(socket);
    }

    synchronized void end() {
      over = true;
      for (Socket socket : sockets) {
        Upgrade.closeQuietly(socket);
      }
    }
  }
}
