package spegel.peer;

import java.io.IOException;
import java.util.List;
import spegel.http.Transport;

/** The ways in which a relay moves bytes. */
enum Mode {
  NIO_COPY(Transport.NIO, false),
  EPOLL_COPY(Transport.EPOLL, false),
  SPLICE(Transport.EPOLL, true);

  private final Transport transport;
  private final boolean withPipes;

  Mode(Transport transport, boolean withPipes) {
    this.transport = transport;
    this.withPipes = withPipes;
  }

  Transport transport() {
    return transport;
  }

  Carriers carriers() {
    return new Carriers(withPipes);
  }

  RelayNode node(ScriptedPeer... peers) throws IOException {
    return node(RelayNode.PATIENT, peers);
  }

  RelayNode node(RelayLimits limits, ScriptedPeer... peers) throws IOException {
    return new RelayNode(transport, carriers(), limits, List.of(peers));
  }

  RelayNode node(Carriers carriers, ScriptedPeer... peers) throws IOException {
    return new RelayNode(transport, carriers, RelayNode.PATIENT, List.of(peers));
  }

  RelayNode node(List<ScriptedPeer> peers) throws IOException {
    return new RelayNode(transport, carriers(), RelayNode.PATIENT, peers);
  }
}
