package spegel.libp2p.host;

import spegel.libp2p.PeerId;

/** Hears of peers that come and go. Called on virtual threads, of one peer in order. */
public interface PeerListener {

  /** The peer is connected and has said what it speaks, for the first time or anew. */
  void identified(PeerInfo peer);

  /** The last connection to the peer has ended. */
  void disconnected(PeerId peer);
}
