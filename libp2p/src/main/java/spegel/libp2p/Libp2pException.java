package spegel.libp2p;

import java.io.IOException;

/**
 * A peer that broke a protocol, or a connection or stream that ended before its time. The message
 * names the protocol and what happened; it never quotes what a stranger sent.
 */
public class Libp2pException extends IOException {
  private static final long serialVersionUID = 1L;

  public Libp2pException(String message) {
    super(message);
  }

  public Libp2pException(String message, Throwable cause) {
    super(message, cause);
  }
}
