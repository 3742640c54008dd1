package spegel.routing.kad;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import spegel.kad.KadPeer;
import spegel.libp2p.host.Host;
import spegel.multiformats.Multiaddr;

/**
 * Lets the providers of one search pass with the addresses at which they have proved who they are.
 * A provider that is not connected is connected with, since that is the proof; the search has ended
 * when all proofs have.
 */
final class ProvenProviders {
  private static final Logger log = LoggerFactory.getLogger(ProvenProviders.class);

  private final Host host;
  private final Semaphore proofs;
  private final BiConsumer<KadPeer, List<InetAddress>> proven;
  private final Runnable ended;

  /** The search itself, and its proofs under way. */
  private final AtomicInteger running = new AtomicInteger(1);

  /**
   * @param proofs bounds the proofs under way at a time, over all searches
   * @param proven gets each provider with its addresses
   * @param ended is run when no more will come
   */
  ProvenProviders(
      Host host, Semaphore proofs, BiConsumer<KadPeer, List<InetAddress>> proven, Runnable ended) {
    this.host = host;
    this.proofs = proofs;
    this.proven = proven;
    this.ended = ended;
  }

  /** The search found a provider. */
  void found(KadPeer provider) {
    List<InetAddress> addresses = provenAddresses(provider);
    if (!addresses.isEmpty()) {
      proven.accept(provider, addresses);
    } else if (proofs.tryAcquire()) {
      running.incrementAndGet();
      Thread.ofVirtual().name("prove-provider").start(() -> prove(provider));
    } else {
      log.debug("provider {} is left out: too many are being connected with", provider.id());
    }
  }

  /**
   * Of the addresses at which the provider says that it serves, those at which it has proved
   * itself. A peer that connected with us did so from some address of its own, perhaps of another
   * interface or of a gateway: nobody serves there.
   */
  private List<InetAddress> provenAddresses(KadPeer provider) {
    Set<InetAddress> announced =
        socketAddresses(provider.addresses()).stream()
            .map(InetSocketAddress::getAddress)
            .collect(Collectors.toSet());
    return host.provenAddresses(provider.id()).stream().filter(announced::contains).toList();
  }

  private static List<InetSocketAddress> socketAddresses(List<Multiaddr> addresses) {
    return addresses.stream().map(Multiaddr::tcpSocketAddress).flatMap(Optional::stream).toList();
  }

  private void prove(KadPeer provider) {
    try {
      host.connect(
          socketAddresses(host.dialable(provider.addresses())), Optional.of(provider.id()));
      List<InetAddress> addresses = provenAddresses(provider);
      if (!addresses.isEmpty()) {
        proven.accept(provider, addresses);
      }
    } catch (IOException e) {
      log.debug("provider {} cannot be reached: {}", provider.id(), e.getMessage());
    } finally {
      proofs.release();
      end();
    }
  }

  /** The search has ended. */
  void end() {
    if (running.decrementAndGet() == 0) {
      ended.run();
    }
  }
}
