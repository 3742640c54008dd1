package spegel.kad;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import spegel.libp2p.Libp2pException;
import spegel.multiformats.Multiaddr;

/**
 * The other nodes, as a node sees them. No call blocks; answers and failures come later, on any
 * thread.
 */
public interface KadNetwork {

  /**
   * Asks a peer, connecting to it when needed.
   *
   * @param timeout from now to the answer
   * @param answered gets the answer
   * @param failed gets the reason when none comes; just one of the two is called, once
   */
  void request(
      KadPeer peer,
      KadMessage message,
      Duration timeout,
      Consumer<KadMessage> answered,
      Consumer<Libp2pException> failed);

  /**
   * Sends a peer messages that have no answer, in one go.
   *
   * @param timeout from now until the last is sent
   * @param done called once, with whether all were sent
   */
  void send(KadPeer peer, List<KadMessage> messages, Duration timeout, Consumer<Boolean> done);

  /** The addresses that this node announces, now. */
  List<Multiaddr> ownAddresses();
}
