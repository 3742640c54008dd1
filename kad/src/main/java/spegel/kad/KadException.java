package spegel.kad;

import spegel.libp2p.Libp2pException;

/** A message that is not one of this protocol, or beyond its bounds. */
public final class KadException extends Libp2pException {
  private static final long serialVersionUID = 1L;

  public KadException(String message) {
    super(message);
  }

  public KadException(String message, Throwable cause) {
    super(message, cause);
  }
}
