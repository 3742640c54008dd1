package spegel.mirror;

import java.net.InetAddress;
import java.time.Duration;

/** A blob, or a part of one, on its way from peers to a client of this node. */
public interface Transfer {

  /** Its digest as text. */
  String key();

  /** The peer that gives, or was the last to give. */
  String peerId();

  /** Where that peer serves. */
  InetAddress peerAddress();

  /** Who receives. */
  InetAddress client();

  /** Bytes in all. */
  long lengthBytes();

  /** Bytes that the client has taken so far. */
  long sentBytes();

  /** How long it has taken, until now or its end. */
  Duration duration();
}
