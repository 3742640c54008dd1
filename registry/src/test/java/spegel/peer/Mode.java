package spegel.peer;

import java.io.IOException;
import java.util.List;
import spegel.http.Transport;

/** The ways in which a relay moves bytes. */
enum Mode {
  NIO_COPY(Transport.NIO),
  EPOLL_COPY(Transport.EPOLL);

  private final Transport transport;

  Mode(Transport transport) {
    this.transport = transport;
  }

  Transport transport() {
    return transport;
  }

  Carriers carriers() {
    return new Carriers();
  }

  RelayNode node(ScriptedPeer... peers) throws IOException {
    return node(RelayNode.PATIENT, peers);
  }

  RelayNode node(RelayLimits limits, ScriptedPeer... peers) throws IOException {
    return new RelayNode(transport, carriers(), limits, List.of(peers));
  }
}
