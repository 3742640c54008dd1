package spegel.kad.libp2p;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.kad.KadNode;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;
import spegel.libp2p.StreamHandler;

/**
 * Serves requests, one after the other on each stream. A request that breaks the protocol resets
 * its stream.
 */
final class KadServer implements StreamHandler, AutoCloseable {
  static final int MAX_STREAMS_PER_PEER = 32;

  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration MAX_ANSWERING = Duration.ofSeconds(10);
  private static final int MAX_ARRIVING_CHUNKS = 2048;
  private static final long MAX_ARRIVING_LONG_BYTES = 6L * 1024 * 1024;

  /** Of answers that the peers have not taken yet. */
  private static final int MAX_LEAVING_CHUNKS = 1024;

  private static final long MAX_LEAVING_LONG_BYTES = 4L * 1024 * 1024;

  private final KadNode node;
  private final PeerAddresses addresses;
  private final Consumer<PeerId> heard;
  private final MessageMemory arriving =
      new MessageMemory(MAX_ARRIVING_CHUNKS, MAX_ARRIVING_LONG_BYTES);
  private final MessageMemory leaving;
  private final Map<PeerId, Integer> streamsOfPeer = new ConcurrentHashMap<>();
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * A server of the node's.
   *
   * @param heard told of each peer from which a request has come
   */
  KadServer(KadNode node, PeerAddresses addresses, Consumer<PeerId> heard) {
    this(node, addresses, heard, new MessageMemory(MAX_LEAVING_CHUNKS, MAX_LEAVING_LONG_BYTES));
  }

  /** A server whose answers may take so much memory. */
  KadServer(KadNode node, PeerAddresses addresses, Consumer<PeerId> heard, MessageMemory leaving) {
    this.leaving = leaving;
    this.node = node;
    this.addresses = addresses;
    this.heard = heard;
  }

  @Override
  public void handle(Stream stream) throws IOException {
    PeerId peer = stream.peer();
    try {
      if (streamsOfPeer.merge(peer, 1, Integer::sum) > MAX_STREAMS_PER_PEER) {
        throw new KadException("kad: more than " + MAX_STREAMS_PER_PEER + " streams of one peer");
      }
      streams.add(stream);
      if (closed) {
        throw new KadException("kad: this node has left the DHT");
      }
      serve(stream);
    } finally {
      streams.remove(stream);
      streamsOfPeer.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private void serve(Stream stream) throws IOException {
    try (MessageReader reader = new MessageReader(stream, arriving)) {
      while (true) {
        Optional<KadMessage> request = reader.next(IDLE);
        if (request.isEmpty()) {
          return;
        }
        heard.accept(stream.peer());
        Optional<KadMessage> answer = node.handle(stream.peer(), addresses.sifted(request.get()));
        if (answer.isPresent()) {
          answer(stream, answer.get());
        }
      }
    }
  }

  private void answer(Stream stream, KadMessage answer) throws IOException {
    byte[] encoded = Wire.encode(answer);
    if (!leaving.tryTake(encoded.length)) {
      throw new KadException("kad: too many answers wait for peers to take them");
    }
    try {
      stream.deadline(MAX_ANSWERING);
      stream.output().write(encoded);
    } finally {
      leaving.release(encoded.length);
    }
  }

  /** Ends the streams that peers have open. */
  @Override
  public void close() {
    closed = true;
    streams.forEach(Stream::reset);
  }
}
