package spegel.kad.libp2p;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.libp2p.PeerId;
import spegel.libp2p.Stream;

/** The asking side of a stream: one request at a time. */
final class KadStream {
  /** Fits one frame of the connection's, and a fresh stream's window several times. */
  private static final int MAX_WRITE_BYTES = 48 * 1024;

  private static final KadMessage PING =
      new KadMessage(KadMessage.Type.PING, new byte[0], List.of(), List.of());

  private final Stream stream;
  private final MessageReader reader;
  private long idleSinceNanos;

  KadStream(Stream stream, MessageMemory memory) {
    this.stream = stream;
    this.reader = new MessageReader(stream, memory);
  }

  PeerId peer() {
    return stream.peer();
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param timeout for each step of it; the caller bounds the whole
   * @throws IOException when the stream fails, or the peer breaks the protocol
   */
  KadMessage ask(KadMessage request, Duration timeout) throws IOException {
    stream.deadline(timeout);
    stream.output().write(Wire.encode(request));
    KadMessage answer =
        reader
            .next(timeout)
            .orElseThrow(() -> new KadException("kad: the peer closed the stream unanswered"));
    if (answer.type() != request.type()) {
      throw new KadException("kad: " + answer.type() + " in answer to " + request.type());
    }
    return answer;
  }

  /**
   * Sends messages that have no answer, in few writes, and a ping behind them: its answer says that
   * the peer has dealt with all of them.
   */
  void tell(List<KadMessage> messages, Duration timeout) throws IOException {
    stream.deadline(timeout);
    ByteArrayOutputStream batch = new ByteArrayOutputStream(MAX_WRITE_BYTES);
    for (KadMessage message : messages) {
      byte[] encoded = Wire.encode(message);
      if (batch.size() + encoded.length > MAX_WRITE_BYTES) {
        batch.writeTo(stream.output());
        batch.reset();
      }
      batch.writeBytes(encoded);
    }
    batch.writeTo(stream.output());
    ask(PING, timeout);
  }

  /** Whether the peer has sent no more than it was asked for. */
  boolean isReusable() {
    return reader.isDrained();
  }

  void markIdle(long nowNanos) {
    idleSinceNanos = nowNanos;
  }

  /** Since when nobody uses it. */
  long idleSinceNanos() {
    return idleSinceNanos;
  }

  /** Ends it in good order. */
  void close() {
    reader.close();
    stream.close();
  }

  /** Ends it as failed; may be called while another thread waits for an answer. */
  void reset() {
    stream.reset();
  }

  /** Ends it as failed, once nobody reads from it any more. */
  void abandon() {
    stream.reset();
    reader.close();
  }
}
