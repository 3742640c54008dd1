package spegel.peer;

import java.io.IOException;
import java.util.List;
import spegel.http.Transport;

/** The ways in which a relay moves bytes. */
enum Mode {
  NIO_COPY(Transport.NIO, 0),
  EPOLL_COPY(Transport.EPOLL, 0),
  SPLICE(Transport.EPOLL, Pipes.MAX);

  private final Transport transport;
  private final int maxPipes;

  Mode(Transport transport, int maxPipes) {
    this.transport = transport;
    this.maxPipes = maxPipes;
  }

  Transport transport() {
    return transport;
  }

  Carriers carriers() {
    return new Carriers(maxPipes);
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
