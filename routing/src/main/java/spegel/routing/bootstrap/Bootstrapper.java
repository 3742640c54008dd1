package spegel.routing.bootstrap;

import java.io.IOException;
import java.util.List;

/** Tells where first peers may be found. */
public interface Bootstrapper {
  /** Of what a source names, no more is used: any one peer that answers knows the others. */
  int MAX_PEERS = 3;

  /**
   * The peers as they are known now; this node itself may be among them. Blocks for some seconds at
   * most.
   *
   * @return the peers to try, best first; empty when the source names none
   * @throws IOException when the source does not answer; the message names it and the cause
   */
  List<BootstrapPeer> peers() throws IOException;
}
