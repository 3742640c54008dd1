package spegel.libp2p;

import java.io.IOException;

/** Speaks a protocol on streams that peers open. */
@FunctionalInterface
public interface StreamHandler {

  /**
   * Serves one stream, on a virtual thread of its own. The stream is closed when this returns, and
   * reset when it throws.
   *
   * @throws IOException when the peer breaks the protocol, or the stream fails
   */
  void handle(Stream stream) throws IOException;
}
