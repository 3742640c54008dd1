package spegel.kad.libp2p;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import spegel.kad.KadException;
import spegel.kad.KadMessage;
import spegel.libp2p.Stream;

/**
 * Reads a stream's messages, each led by its length as a varint. The buffer grows with what has
 * arrived, never with what was announced, and there is none while a stream waits between messages.
 */
final class MessageReader implements AutoCloseable {
  /** From a message's first byte to its last. */
  private static final Duration MAX_ARRIVAL = Duration.ofSeconds(10);

  /** Bytes of the varint of {@link KadMessage#MAX_BYTES}. */
  private static final int MAX_LENGTH_BYTES = 4;

  private static final byte[] NONE = {};

  private final Stream stream;
  private final InputStream in;
  private final MessageMemory memory;

  private byte[] buffer = NONE;
  private int from;
  private int to;
  private long deadlineNanos;

  MessageReader(Stream stream, MessageMemory memory) {
    this.stream = stream;
    this.in = stream.input();
    this.memory = memory;
  }

  /**
   * The next message.
   *
   * @param patience how long its first byte may take to come
   * @return empty when the stream has ended between two messages
   * @throws KadException when it is malformed, too long, or there is no memory for it
   * @throws IOException when the stream fails, or the message does not come in time
   */
  Optional<KadMessage> next(Duration patience) throws IOException {
    if (isDrained() && !awaitFirst(patience)) {
      return Optional.empty();
    }
    deadlineNanos = System.nanoTime() + MAX_ARRIVAL.toNanos();
    int length = length();
    while (to - from < length) {
      fill(length);
    }
    KadMessage message = KadMessage.decode(buffer, from, length);
    from += length;
    if (isDrained()) {
      swap(NONE);
    }
    return Optional.of(message);
  }

  /** Whether all that has been received so far was read. */
  boolean isDrained() {
    return from == to;
  }

  private boolean awaitFirst(Duration patience) throws IOException {
    stream.deadline(patience);
    int first = in.read();
    if (first < 0) {
      return false;
    }
    swap(taken(MessageMemory.CHUNK_BYTES));
    buffer[to++] = (byte) first;
    return true;
  }

  private int length() throws IOException {
    int length = 0;
    for (int i = 0; i < MAX_LENGTH_BYTES; i++) {
      if (isDrained()) {
        fill(1);
      }
      byte b = buffer[from++];
      length |= (b & 0x7f) << (7 * i);
      if (b >= 0) {
        if (length > KadMessage.MAX_BYTES) {
          break;
        }
        return length;
      }
    }
    throw new KadException("kad: a message of more than " + KadMessage.MAX_BYTES + " bytes");
  }

  /** Reads at least one byte more of a message that needs {@code length} from {@link #from} on. */
  private void fill(int length) throws IOException {
    if (to == buffer.length) {
      makeRoom(length);
    }
    long leftNanos = deadlineNanos - System.nanoTime();
    if (leftNanos <= 0) {
      throw new KadException("kad: a message took more than " + MAX_ARRIVAL.toSeconds() + " s");
    }
    stream.deadline(Duration.ofNanos(leftNanos));
    int count = in.read(buffer, to, buffer.length - to);
    if (count < 0) {
      throw new KadException("kad: the stream ended within a message");
    }
    to += count;
  }

  /** At most doubles the buffer, so that it is never more than twice what has arrived. */
  private void makeRoom(int length) throws KadException {
    if (length > buffer.length) {
      swap(taken(Math.min(2 * buffer.length, length)));
    } else {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
  }

  private byte[] taken(int bytes) throws KadException {
    if (!memory.tryTake(bytes)) {
      throw new KadException("kad: too many long messages are arriving at once");
    }
    return new byte[bytes];
  }

  /** Moves what is held to another buffer, which has been taken from the memory. */
  private void swap(byte[] other) {
    System.arraycopy(buffer, from, other, 0, to - from);
    to -= from;
    from = 0;
    memory.release(buffer.length);
    buffer = other;
  }

  /** Gives the memory back; the stream is the caller's. */
  @Override
  public void close() {
    from = 0;
    to = 0;
    swap(NONE);
  }
}
