package spegel.peer;

/** Connections to peers, kept for a while for the next request, and the threads that serve them. */
public final class PeerClient implements AutoCloseable {

  /** Starts the threads; connects to nobody yet. */
  public static PeerClient start(PeerClientOptions options) {
    throw new UnsupportedOperationException();
  }

  /** One of the client's lanes, in turn. All that belongs to one answer of ours uses one lane. */
  public Lane lane() {
    throw new UnsupportedOperationException();
  }

  /** Closes all connections, those in use too. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
