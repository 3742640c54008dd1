package spegel.libp2p.yamux;

import org.jspecify.annotations.Nullable;
import spegel.libp2p.SecureChannel;

/**
 * What a stream has received and nobody has read: a chain of chunks, none when empty. A chunk is as
 * large as what comes, or as all that waits before it, within bounds: many small pieces cost little
 * more than one large one. Guarded by its stream's lock.
 */
final class ReceiveBuffer {
  private static final int MIN_CHUNK_BYTES = 512;
  private static final int MAX_CHUNK_BYTES = 16 * 1024;

  private @Nullable Chunk first;
  private @Nullable Chunk last;
  private int size;

  private static final class Chunk {
    final byte[] bytes;
    int from;
    int to;
    @Nullable Chunk next;

    Chunk(int capacity) {
      bytes = new byte[capacity];
    }
  }

  int size() {
    return size;
  }

  /** Appends {@code count} bytes that the channel has available. */
  void append(SecureChannel channel, int count) {
    for (int left = count; left > 0; ) {
      Chunk chunk = withRoom(left);
      int piece = Math.min(left, chunk.bytes.length - chunk.to);
      channel.read(chunk.bytes, chunk.to, piece);
      chunk.to += piece;
      size += piece;
      left -= piece;
    }
  }

  private Chunk withRoom(int count) {
    Chunk tail = last;
    if (tail != null && tail.to < tail.bytes.length) {
      return tail;
    }
    Chunk chunk = new Chunk(Math.clamp(Math.max(count, size), MIN_CHUNK_BYTES, MAX_CHUNK_BYTES));
    if (tail == null) {
      first = chunk;
    } else {
      tail.next = chunk;
    }
    last = chunk;
    return chunk;
  }

  /** Takes at most {@code length} bytes; gives their number. */
  int take(byte[] to, int offset, int length) {
    int done = 0;
    for (Chunk chunk = first; chunk != null && done < length; chunk = first) {
      int piece = Math.min(length - done, chunk.to - chunk.from);
      System.arraycopy(chunk.bytes, chunk.from, to, offset + done, piece);
      chunk.from += piece;
      done += piece;
      if (chunk.from == chunk.to) {
        first = chunk.next;
      }
    }
    if (first == null) {
      last = null;
    }
    size -= done;
    return done;
  }

  /** Drops everything; gives the number of bytes. */
  int clear() {
    int dropped = size;
    first = null;
    last = null;
    size = 0;
    return dropped;
  }
}
