package spegel.libp2p.host;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import spegel.libp2p.PeerId;
import spegel.libp2p.SecureChannel;
import spegel.libp2p.yamux.YamuxSession;
import spegel.libp2p.yamux.YamuxStream;

/** A secured, multiplexed connection to a peer, in either direction. */
final class Connection {
  private final Socket socket;
  private final SecureChannel channel;
  private final YamuxSession session;
  private final boolean dialed;
  private final RemoteNetwork network;

  Connection(Socket socket, SecureChannel channel, YamuxSession session, boolean dialed) {
    this.socket = socket;
    this.channel = channel;
    this.session = session;
    this.dialed = dialed;
    this.network = RemoteNetwork.of(socket.getInetAddress());
  }

  PeerId peer() {
    return channel.peer();
  }

  boolean dialed() {
    return dialed;
  }

  /** The peer's end. */
  InetSocketAddress remoteAddress() {
    return (InetSocketAddress) socket.getRemoteSocketAddress();
  }

  /** The network of the peer's end. */
  RemoteNetwork network() {
    return network;
  }

  YamuxStream open() throws IOException {
    return session.open();
  }

  long idleMillis() {
    return session.idleMillis();
  }

  int streamCount() {
    return session.streamCount();
  }

  /** Serves the connection until it ends; gives the reason. */
  String run() {
    return session.run();
  }

  void close() {
    session.close();
  }

  @Override
  public String toString() {
    return (dialed ? "to " : "from ") + peer() + " at " + socket.getRemoteSocketAddress();
  }
}
